//! The console's side: making bots, revoking tokens, exotic updates.

use actix_web::web::{Data, Json, Path, ServiceConfig, post, put, resource};
use actix_web::{HttpResponse, Result, error};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Telegram;
use super::bot::NewBot;
use crate::phone::locked::lock;

/// Its routes on the console.
pub fn console(cfg: &mut ServiceConfig) {
    cfg.service(resource("/accounts/telegram").route(post().to(create)))
        .service(resource("/accounts/telegram/{id}/settings").route(put().to(settings)))
        .service(resource("/accounts/telegram/{id}/raw").route(post().to(raw)));
}

async fn create(telegram: Data<Telegram>, new: Json<NewBot>) -> HttpResponse {
    HttpResponse::Created().json(telegram.create(new.into_inner()))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Settings {
    rate_limited: Option<bool>,
    revoked: Option<bool>,
    /// Somebody else sets the webhook: the bot was stolen.
    webhook_url: Option<String>,
}

async fn settings(
    telegram: Data<Telegram>,
    id: Path<String>,
    form: Json<Settings>,
) -> Result<HttpResponse> {
    let bot = telegram
        .bot(&id)
        .ok_or_else(|| error::ErrorNotFound("no such bot"))?;
    let mut state = lock(&bot.state);
    if let Some(rate_limited) = form.rate_limited {
        state.rate_limited = rate_limited;
    }
    if let Some(revoked) = form.revoked {
        state.revoked = revoked;
    }
    if let Some(url) = &form.webhook_url
        && let Some(webhook) = &mut state.webhook
    {
        webhook.url = url.clone();
        webhook.secret = None;
    }
    Ok(HttpResponse::Ok().json(json!({"success": true})))
}

#[derive(Deserialize)]
struct Raw {
    /// The update's kind, such as `message`.
    kind: String,
    /// Its object.
    value: Value,
}

/// Queues any update: groups, migrations, malformed things.
async fn raw(telegram: Data<Telegram>, id: Path<String>, form: Json<Raw>) -> Result<HttpResponse> {
    const KINDS: [&str; 7] = [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "message_reaction",
        "business_message",
        "channel_post",
    ];
    let telegram = telegram.into_inner();
    let bot = telegram
        .bot(&id)
        .ok_or_else(|| error::ErrorNotFound("no such bot"))?;
    let kind = KINDS
        .into_iter()
        .find(|kind| *kind == form.kind)
        .unwrap_or("unknown_update");
    let chat = form.value["chat"]["id"]
        .as_i64()
        .map(|id| id.to_string())
        .unwrap_or_default();
    let update_id = telegram.enqueue(&bot, &chat, kind, form.value.clone());
    Ok(HttpResponse::Ok().json(json!({"update_id": update_id})))
}
