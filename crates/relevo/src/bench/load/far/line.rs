//! WhatsApp's sending side, and a bot that listens and says nothing.

use super::super::mark::Mark;
use super::{Far, lock, now_us};
use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};

pub(super) async fn message(far: Data<Far>, body: Bytes) -> HttpResponse {
    if let Some(mark) = Mark::find(&body) {
        lock(&far.at_line).note(mark, now_us());
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
