//! Let's Talk, as far as a conversation goes through it (`lets-talk.md`, «Endpoints»).

use super::super::mark::Mark;
use super::talks::{Row, Rows, event};
use super::{AGENT, Far, lock, now_us, stream};
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// Rows of a listing that names no amount.
const ROWS: usize = 50;

/// Whose request it is: `Basic base64(<key>:X)`.
fn key(request: &HttpRequest) -> Option<String> {
    let told = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let plain = STANDARD.decode(told.strip_prefix("Basic ")?).ok()?;
    let plain = String::from_utf8(plain).ok()?;
    plain.strip_suffix(":X").map(str::to_owned)
}

/// What creating a client tells; all of it must be there.
#[derive(Deserialize)]
struct NewClient {
    email: String,
    #[serde(rename = "name")]
    _name: String,
    consumer: Consumer,
    organization_id: i64,
}

#[derive(Deserialize)]
struct Consumer {
    key: String,
    token: String,
}

pub(super) async fn client(far: Data<Far>, body: Bytes) -> HttpResponse {
    let new: NewClient = match far.read(&body, "client") {
        Ok(new) => new,
        Err(refused) => return *refused,
    };
    if new.consumer.key.is_empty() || new.consumer.token.is_empty() {
        return far.refuse(StatusCode::UNAUTHORIZED, "client: nobody's consumer");
    }
    let fresh = far.id();
    let id = lock(&far.talks).client(new.organization_id, new.email, fresh);
    HttpResponse::Ok().json(json!({
        "token": format!("client-{id}"),
        "person": { "id": id, "type": "Client", "organization_id": new.organization_id },
    }))
}

/// What opening a conversation tells.
#[derive(Deserialize)]
struct NewTalk {
    message: First,
    organization_id: i64,
}

#[derive(Deserialize)]
struct First {
    content: String,
    content_type: String,
    remote_id: Uuid,
}

/// Opens a conversation; an agent takes it at once.
pub(super) async fn open(far: Data<Far>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let new: NewTalk = match far.read(&body, "conversation") {
        Ok(new) => new,
        Err(refused) => return *refused,
    };
    let whose = key(&request).and_then(|key| lock(&far.talks).client_of(&key));
    let organization = new.organization_id;
    let Some((_, client)) = whose.filter(|(theirs, _)| *theirs == organization) else {
        return far.refuse(StatusCode::UNAUTHORIZED, "conversation: nobody's key");
    };
    if new.message.content_type != "text/plain" {
        return far.refuse(StatusCode::BAD_REQUEST, "conversation: not text");
    }
    let id = far.id();
    let first = Row {
        id: far.id(),
        text: new.message.content,
        remote_id: Some(new.message.remote_id.to_string()),
    };
    lock(&far.talks).open(id, organization, client, first);
    let joined = json!({
        "namespace": "conversation_memberships.create",
        "data": {
            "conversation_id": id, "role": "Member", "person_id": AGENT, "person_type": "User",
            "person": { "id": AGENT, "name": "Camila", "type": "User" },
        },
    });
    let channel = stream::channel(id);
    far.streams
        .push_all(organization, &channel, &[joined.to_string()], false);
    HttpResponse::Created().json(json!({ "id": id, "status": "Open" }))
}

/// What a message tells.
#[derive(Deserialize)]
struct NewMessage {
    content: String,
    content_type: String,
    remote_id: Uuid,
    conversation_id: i64,
}

pub(super) async fn message(far: Data<Far>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let new: NewMessage = match far.read(&body, "message") {
        Ok(new) => new,
        Err(refused) => return *refused,
    };
    let talk = new.conversation_id;
    let whose = key(&request).and_then(|key| lock(&far.talks).seen_by(&key, talk));
    let Some(organization) = whose else {
        return far.refuse(StatusCode::UNAUTHORIZED, "message: nobody's key");
    };
    if new.content_type != "text/plain" {
        return far.refuse(StatusCode::BAD_REQUEST, "message: not text");
    }
    if let Some(broken) = super::control::broken(&far, organization).await {
        return broken;
    }
    if let Some(mark) = Mark::find(new.content.as_bytes()) {
        lock(&far.at_desk).note(mark, now_us());
        lock(&far.desk_pairs).heard(mark.talk, &talk.to_string());
    }
    let id = far.id();
    let row = Row {
        id,
        text: new.content,
        remote_id: Some(new.remote_id.to_string()),
    };
    if far.echoes.load(Ordering::Relaxed) {
        let client = lock(&far.talks).client_in(talk).unwrap_or_default();
        let data = event(talk, &row, client);
        let payload = json!({ "namespace": "messages.create", "data": data }).to_string();
        far.streams
            .push_all(organization, &stream::channel(talk), &[payload], false);
    }
    lock(&far.talks).said(talk, row);
    HttpResponse::Created()
        .content_type("application/json")
        .body(format!("{{\"id\":{id}}}"))
}

/// Which messages are asked for.
#[derive(Deserialize)]
pub(super) struct Listing {
    conversation_id: i64,
    #[serde(rename = "cursor[type]")]
    side: Option<String>,
    #[serde(rename = "cursor[location]")]
    location: Option<i64>,
    #[serde(rename = "cursor[amount]")]
    amount: Option<usize>,
}

pub(super) async fn listing(
    far: Data<Far>,
    request: HttpRequest,
    asked: Query<Listing>,
) -> HttpResponse {
    let talks = lock(&far.talks);
    let talk = asked.conversation_id;
    let whose = key(&request).and_then(|key| talks.seen_by(&key, talk));
    if whose.is_none() {
        drop(talks);
        return far.refuse(StatusCode::UNAUTHORIZED, "listing: nobody's key");
    }
    let which = match (asked.side.as_deref(), asked.location) {
        (Some("some_after"), Some(id)) => Rows::After(id),
        (Some("some_before"), Some(id)) => Rows::Before(id),
        _ => Rows::Newest,
    };
    HttpResponse::Ok().json(talks.listed(talk, which, asked.amount.unwrap_or(ROWS)))
}

/// Closing and metadata: done, and nobody looks.
pub(super) async fn taken(body: Bytes) -> HttpResponse {
    drop(body);
    HttpResponse::Ok()
        .content_type("application/json")
        .body("{}")
}
