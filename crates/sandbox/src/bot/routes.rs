//! The bot's own listener, and its configuration on the console.
//!
//! - `POST /hook/{kind}/{account}`: a platform webhook, as Relevo forwards it. `GET` answers
//!   Meta's handshake.
//! - `POST /relevo`: Relevo's events, signed by Standard Webhooks.
//! - `GET /events?after=N`: what has reached the bot (on the console: `GET /bot/events`).
//! - on the console `POST /bot/configure`: see [`BotConfig`].

use actix_web::web::{Bytes, Data, Json, Path, Query, ServiceConfig, get, post, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bot, BotConfig, answer, intake, speak, verify};
use crate::phone::kind::Kind;

/// The routes of its own listener.
pub fn service(cfg: &mut ServiceConfig) {
    cfg.service(
        resource("/hook/{kind}/{account}")
            .route(get().to(handshake))
            .route(post().to(hook)),
    )
    .service(resource("/relevo").route(post().to(relevo)))
    .service(resource("/events").route(get().to(events)));
}

/// Its routes on the console.
pub fn console(cfg: &mut ServiceConfig) {
    cfg.service(resource("/bot/configure").route(post().to(configure)))
        .service(resource("/bot/events").route(get().to(events)));
}

async fn configure(bot: Data<Bot>, config: Json<BotConfig>) -> HttpResponse {
    let config = config.into_inner();
    let answer = json!({
        "webhook_url": bot.webhook_url(config.kind, &config.account),
        "events_url": bot.events_url(),
    });
    bot.configure(config);
    HttpResponse::Ok().json(answer)
}

async fn handshake(request: HttpRequest) -> HttpResponse {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "hub.challenge")
        .map_or_else(
            || HttpResponse::Forbidden().finish(),
            |(_, challenge)| {
                HttpResponse::Ok()
                    .content_type("text/plain")
                    .body(challenge.into_owned())
            },
        )
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

async fn hook(
    bot: Data<Bot>,
    path: Path<(Kind, String)>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let (kind, account) = path.into_inner();
    let Some(config) = bot.config(kind, &account) else {
        return HttpResponse::NotFound().finish();
    };
    let genuine = match kind {
        Kind::Telegram => config.secret_token.as_deref().is_none_or(|secret| {
            verify::telegram(secret, header(&request, "X-Telegram-Bot-Api-Secret-Token"))
        }),
        _ => config.app_secret.as_deref().is_none_or(|secret| {
            verify::meta(secret, header(&request, "X-Hub-Signature-256"), &body)
        }),
    };
    if !genuine {
        bot.remember("webhook_refused", &account, "", Value::Null);
        return HttpResponse::Unauthorized().finish();
    }
    let Ok(value) = serde_json::from_slice::<Value>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    let all = intake::said(kind, &value);
    bot.remember("webhook", &account, "", value);
    if !all.is_empty() {
        // Answered after the webhook is acknowledged, in the order in which it was said.
        let bot = bot.into_inner();
        let runtime = bot.core.runtime.clone();
        runtime.spawn(async move {
            for said in all {
                let answer = answer::to(said.words.as_deref(), &config.name);
                speak::speak(&bot, &config, &said, &answer).await;
            }
        });
    }
    HttpResponse::Ok().finish()
}

async fn relevo(bot: Data<Bot>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let part = |name: &str| header(&request, name).unwrap_or_default().to_owned();
    let (id, timestamp) = (part("webhook-id"), part("webhook-timestamp"));
    let signatures = part("webhook-signature");
    let now_s = i64::try_from(bot.core.clock.now_ms() / 1000).unwrap_or(i64::MAX);
    let genuine = bot
        .event_secrets()
        .iter()
        .any(|secret| verify::standard(secret, &id, &timestamp, &signatures, &body, now_s));
    if !genuine {
        bot.remember("relevo_refused", "", &id, Value::Null);
        return HttpResponse::Unauthorized().finish();
    }
    match serde_json::from_slice(&body) {
        Ok(value) => {
            bot.remember("relevo", "", &id, value);
            HttpResponse::NoContent().finish()
        }
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn events(bot: Data<Bot>, query: Query<After>) -> HttpResponse {
    HttpResponse::Ok().json(bot.events(query.after))
}
