//! PubNub's own error bodies.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::grants::Forbidden;

/// PubNub names its JSON a script.
pub(super) const CONTENT_TYPE: &str = "text/javascript; charset=\"UTF-8\"";

/// A JSON answer with PubNub's content type.
pub(super) fn answer(status: StatusCode, body: &impl serde::Serialize) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(CONTENT_TYPE)
        .insert_header(("Cache-Control", "no-cache"))
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .body(serde_json::to_string(body).unwrap_or_default())
}

/// `200` with this body.
pub(super) fn ok(body: &impl serde::Serialize) -> HttpResponse {
    answer(StatusCode::OK, body)
}

fn refusal(
    status: StatusCode,
    service: &str,
    message: &str,
    payload: Option<Value>,
) -> HttpResponse {
    let mut body = json!({
        "status": status.as_u16(),
        "service": service,
        "error": true,
        "message": message,
    });
    if let (Some(payload), Some(fields)) = (payload, body.as_object_mut()) {
        fields.insert("payload".to_owned(), payload);
    }
    answer(status, &body)
}

/// The subscribe key is not known.
pub(super) fn invalid_key() -> HttpResponse {
    refusal(
        StatusCode::BAD_REQUEST,
        "Access Manager",
        "Invalid Subscribe Key",
        None,
    )
}

/// The auth key has no grant; groups are listed with a colon in front.
pub(super) fn forbidden(what: &Forbidden) -> HttpResponse {
    let mut payload = serde_json::Map::new();
    if !what.channels.is_empty() {
        payload.insert("channels".to_owned(), json!(what.channels));
    }
    if !what.groups.is_empty() {
        let groups: Vec<String> = what.groups.iter().map(|name| format!(":{name}")).collect();
        payload.insert("channel-groups".to_owned(), json!(groups));
    }
    refusal(
        StatusCode::FORBIDDEN,
        "Access Manager",
        "Forbidden",
        Some(Value::Object(payload)),
    )
}

/// The groups hold no channel.
pub(super) fn empty_group() -> HttpResponse {
    refusal(
        StatusCode::BAD_REQUEST,
        "PubSub",
        "Channel group or groups result in empty subscription set",
        None,
    )
}

/// A parameter cannot be read.
pub(super) fn bad_request(service: &str, message: &str) -> HttpResponse {
    refusal(StatusCode::BAD_REQUEST, service, message, None)
}

/// A publish that is refused: `[0, reason, timetoken]`.
pub(super) fn not_published(status: StatusCode, reason: &str, at: u64) -> HttpResponse {
    answer(status, &json!([0, reason, at.to_string()]))
}
