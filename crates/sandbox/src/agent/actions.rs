//! What the agent does on the page. Each answers the platform's own refusal when it may not.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::letstalk::{LetsTalk, MemberRole, Refusal};

type Answer = Result<HttpResponse, Refusal>;

#[derive(Deserialize)]
pub(super) struct Who {
    agent: i64,
    #[serde(default)]
    role: MemberRole,
}

#[derive(Deserialize)]
pub(super) struct Text {
    agent: i64,
    text: String,
}

#[derive(Deserialize)]
pub(super) struct List {
    agent: i64,
    list: Value,
}

#[derive(Deserialize)]
pub(super) struct Transfer {
    agent: i64,
    group_id: i64,
    #[serde(default)]
    leave: bool,
}

#[derive(Deserialize)]
pub(super) struct Attachment {
    agent: i64,
    name: String,
    mime: String,
}

fn created(id: i64) -> HttpResponse {
    HttpResponse::Created().json(json!({ "id": id }))
}

fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

pub(super) async fn join(platform: Data<LetsTalk>, id: Path<i64>, who: Json<Who>) -> Answer {
    platform.join(who.agent, *id, who.role)?;
    Ok(done())
}

pub(super) async fn say(platform: Data<LetsTalk>, id: Path<i64>, body: Json<Text>) -> Answer {
    Ok(created(platform.agent_says(body.agent, *id, &body.text)?))
}

pub(super) async fn note(platform: Data<LetsTalk>, id: Path<i64>, body: Json<Text>) -> Answer {
    Ok(created(platform.agent_notes(body.agent, *id, &body.text)?))
}

/// The file is the body; its name and type are in the query.
pub(super) async fn attach(
    platform: Data<LetsTalk>,
    id: Path<i64>,
    about: Query<Attachment>,
    body: Bytes,
) -> Answer {
    let about = about.into_inner();
    let message = platform.agent_attaches(about.agent, *id, &about.name, &about.mime, body)?;
    Ok(created(message))
}

pub(super) async fn offer(platform: Data<LetsTalk>, id: Path<i64>, body: Json<List>) -> Answer {
    let body = body.into_inner();
    Ok(created(platform.agent_offers(body.agent, *id, body.list)?))
}

pub(super) async fn transfer(
    platform: Data<LetsTalk>,
    id: Path<i64>,
    body: Json<Transfer>,
) -> Answer {
    platform.transfer(body.agent, *id, body.group_id, body.leave)?;
    Ok(done())
}

pub(super) async fn typing(platform: Data<LetsTalk>, id: Path<i64>, who: Json<Who>) -> Answer {
    platform.agent_types(who.agent, *id)?;
    Ok(done())
}

pub(super) async fn read(platform: Data<LetsTalk>, id: Path<i64>, who: Json<Who>) -> Answer {
    platform.mark_read(who.agent, *id)?;
    Ok(done())
}

pub(super) async fn close(platform: Data<LetsTalk>, id: Path<i64>, who: Json<Who>) -> Answer {
    platform.close(who.agent, *id)?;
    Ok(done())
}
