//! The phone over HTTP.
//!
//! - `GET /phone`: the page. `GET /phone/lines`: the lines to choose from.
//! - `GET|POST /phone/{kind}/{account}/contacts`: people; adding one.
//! - `POST /phone/{kind}/{account}/{contact}/send`: an action (see [`Action`]).
//! - `GET /phone/{kind}/{account}/{contact}/messages?after_seq=N`: what the contact sees.
//! - `GET /phone/{kind}/{account}/{contact}/wait?revision=R`: the same once it has changed.
//! - `POST /clock {"advance_ms"}` and `POST /webhooks {"retry_scale"}`: time.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query, ServiceConfig, get, post, resource};
use actix_web::{HttpResponse, ResponseError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::threads::{Key, Thread};
use super::{Action, Kind, NewContact, Phone, PhoneError, page};

/// Its routes on the console.
pub fn console(cfg: &mut ServiceConfig) {
    cfg.service(resource("/phone").route(get().to(page::index)))
        .service(resource("/phone/static/{name}").route(get().to(page::asset)))
        .service(resource("/phone/lines").route(get().to(lines)))
        .service(
            resource("/phone/{kind}/{account}/contacts")
                .route(get().to(contacts))
                .route(post().to(add_contact)),
        )
        .service(resource("/phone/{kind}/{account}/{contact}/send").route(post().to(send)))
        .service(resource("/phone/{kind}/{account}/{contact}/messages").route(get().to(messages)))
        .service(resource("/phone/{kind}/{account}/{contact}/wait").route(get().to(wait)))
        .service(resource("/clock").route(post().to(clock)))
        .service(resource("/webhooks").route(post().to(webhooks)));
}

impl ResponseError for PhoneError {
    fn status_code(&self) -> StatusCode {
        match self {
            PhoneError::Missing(_) => StatusCode::NOT_FOUND,
            PhoneError::Unsupported { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            PhoneError::Bad(_) => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({"error": self.to_string()}))
    }
}

async fn lines(phone: Data<Phone>) -> HttpResponse {
    let name_only = |value: Value| {
        json!({
            "kind": value["kind"], "id": value["id"], "name": value["name"],
            "username": value["username"], "number": value["display_phone_number"],
        })
    };
    let lines: Vec<Value> = phone
        .graph
        .accounts()
        .into_iter()
        .chain(phone.telegram.accounts())
        .map(name_only)
        .collect();
    HttpResponse::Ok().json(lines)
}

async fn contacts(phone: Data<Phone>, path: Path<(Kind, String)>) -> HttpResponse {
    HttpResponse::Ok().json(phone.contacts(path.0, &path.1))
}

async fn add_contact(
    phone: Data<Phone>,
    path: Path<(Kind, String)>,
    new: Json<NewContact>,
) -> Result<HttpResponse, PhoneError> {
    let person = phone.add_contact(path.0, &path.1, new.into_inner())?;
    Ok(HttpResponse::Created().json(person))
}

async fn send(
    phone: Data<Phone>,
    path: Path<(Kind, String, String)>,
    action: Json<Action>,
) -> Result<HttpResponse, PhoneError> {
    let done = phone.act(path.0, &path.1, &path.2, action.into_inner())?;
    Ok(HttpResponse::Ok().json(done))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after_seq: u64,
}

fn view(phone: &Phone, thread: &Thread, after_seq: u64) -> Value {
    let messages: Vec<_> = thread
        .messages
        .iter()
        .filter(|shown| shown.seq > after_seq)
        .collect();
    json!({
        "person": thread.person,
        "messages": messages,
        "typing": thread.typing_until_ms > phone.now_ms(),
        "revision": thread.revision,
        "now_ms": phone.now_ms(),
    })
}

async fn messages(
    phone: Data<Phone>,
    path: Path<(Kind, String, String)>,
    after: Query<After>,
) -> Result<HttpResponse, PhoneError> {
    let key = Key::new(path.0, &path.1, &path.2);
    let view = phone
        .threads(path.0)
        .read(&key, |thread| view(&phone, thread, after.after_seq))
        .ok_or(PhoneError::Missing("conversation"))?;
    Ok(HttpResponse::Ok().json(view))
}

#[derive(Deserialize)]
struct Revision {
    #[serde(default)]
    revision: u64,
}

/// Answers when the conversation has moved on from `revision`, at the latest after 20 seconds.
async fn wait(
    phone: Data<Phone>,
    path: Path<(Kind, String, String)>,
    seen: Query<Revision>,
) -> Result<HttpResponse, PhoneError> {
    let key = Key::new(path.0, &path.1, &path.2);
    let threads = phone.threads(path.0);
    let mut changes = threads.watch();
    let moved = async {
        loop {
            let revision = threads.read(&key, |thread| thread.revision);
            if revision.is_none_or(|revision| revision != seen.revision) {
                return;
            }
            // Too slow a listener just looks again.
            while let Ok(changed) = changes.recv().await {
                if changed == key {
                    break;
                }
            }
        }
    };
    // Running out of time is an answer too: the page asks again.
    let _ = tokio::time::timeout(Duration::from_secs(20), moved).await;
    let view = threads
        .read(&key, |thread| view(&phone, thread, 0))
        .ok_or(PhoneError::Missing("conversation"))?;
    Ok(HttpResponse::Ok().json(view))
}

#[derive(Deserialize)]
struct Advance {
    advance_ms: i64,
}

async fn clock(phone: Data<Phone>, form: Json<Advance>) -> HttpResponse {
    phone.core.clock.advance_ms(form.advance_ms);
    HttpResponse::Ok().json(json!({"now_ms": phone.now_ms()}))
}

#[derive(Deserialize)]
struct Webhooks {
    retry_scale: f64,
}

async fn webhooks(phone: Data<Phone>, form: Json<Webhooks>) -> HttpResponse {
    phone.graph.hooks.set_retry_scale(form.retry_scale);
    phone.telegram.hooks.set_retry_scale(form.retry_scale);
    HttpResponse::Ok().json(json!({"success": true}))
}
