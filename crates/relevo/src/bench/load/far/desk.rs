//! Let's Talk, as far as a conversation goes through it (`lets-talk.md`, «Endpoints»).

use super::super::mark::Mark;
use super::{AGENT, Far, lock, now_us, stream};
use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Json};
use serde::Deserialize;
use serde_json::json;
use std::sync::atomic::Ordering;

/// What creating a client tells.
#[derive(Deserialize)]
pub(super) struct NewClient {
    organization_id: i64,
}

pub(super) async fn client(far: Data<Far>, new: Json<NewClient>) -> HttpResponse {
    let id = far.id();
    HttpResponse::Ok().json(json!({
        "token": format!("client-{id}"),
        "person": { "id": id, "type": "Client", "organization_id": new.organization_id },
    }))
}

/// What opening a conversation tells.
#[derive(Deserialize)]
pub(super) struct NewTalk {
    organization_id: i64,
}

/// Opens a conversation; an agent takes it at once.
pub(super) async fn open(far: Data<Far>, new: Json<NewTalk>) -> HttpResponse {
    let id = far.id();
    let organization = new.organization_id;
    lock(&far.talks).insert(id, organization);
    let joined = json!({
        "namespace": "conversation_memberships.create",
        "data": {
            "conversation_id": id, "role": "Member", "person_id": AGENT, "person_type": "User",
            "person": { "id": AGENT, "name": "Camila", "type": "User" },
        },
    });
    far.streams
        .push(organization, &stream::channel(id), &joined.to_string());
    HttpResponse::Created().json(json!({ "id": id, "status": "Open" }))
}

pub(super) async fn message(far: Data<Far>, body: Bytes) -> HttpResponse {
    if far.down.load(Ordering::Relaxed) {
        return HttpResponse::ServiceUnavailable().finish();
    }
    if let Some(mark) = Mark::find(&body) {
        lock(&far.at_desk).note(mark, now_us());
    }
    HttpResponse::Created()
        .content_type("application/json")
        .body(format!("{{\"id\":{}}}", far.id()))
}

/// Nothing is ever missing here.
pub(super) async fn listing() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body("[]")
}

pub(super) async fn taken() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body("{}")
}
