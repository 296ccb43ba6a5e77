//! WhatsApp's sending side (`channels.md` §2), and a bot that listens and says nothing.

use super::super::mark::Mark;
use super::{Far, lock, now_us};
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use std::sync::atomic::Ordering;

/// What is told to a number: a text for somebody, or that theirs was read.
#[derive(Deserialize)]
struct Told {
    messaging_product: String,
    to: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<Text>,
    status: Option<String>,
    message_id: Option<String>,
}

#[derive(Deserialize)]
struct Text {
    body: String,
}

/// Longest text, in characters.
const LONGEST: usize = 4_096;

pub(super) async fn message(
    far: Data<Far>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let (_, number) = path.into_inner();
    let token = request.headers().get(AUTHORIZATION);
    let token = token.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    if token.is_none_or(str::is_empty) {
        return far.refuse(StatusCode::UNAUTHORIZED, "line: nobody's token");
    }
    let told: Told = match far.read(&body, "line") {
        Ok(told) => told,
        Err(refused) => return *refused,
    };
    if told.messaging_product != "whatsapp" {
        return far.refuse(StatusCode::BAD_REQUEST, "line: another product");
    }
    if told.status.as_deref() == Some("read") && told.message_id.is_some() {
        far.read_marks.fetch_add(1, Ordering::Relaxed);
        return HttpResponse::Ok()
            .content_type("application/json")
            .body("{\"success\":true}");
    }
    let text = told
        .text
        .filter(|it| it.body.chars().count() <= LONGEST && told.kind.as_deref() == Some("text"));
    let (Some(text), Some(to)) = (text, told.to) else {
        return far.refuse(StatusCode::BAD_REQUEST, "line: not a text to somebody");
    };
    if let Some(mark) = Mark::find(text.body.as_bytes()) {
        lock(&far.at_line).note(mark, now_us());
        let place = format!("{number} {to}");
        lock(&far.line_pairs).heard(mark.talk, &place);
    }
    let id = far.id();
    HttpResponse::Ok()
        .content_type("application/json")
        .body(format!(
            "{{\"messaging_product\":\"whatsapp\",\"messages\":[{{\"id\":\"wamid.bench{id}\"}}]}}"
        ))
}

/// Takes the whole body: a connection with an unread one is closed.
pub(super) async fn bot(body: Bytes) -> HttpResponse {
    drop(body);
    HttpResponse::Ok().finish()
}
