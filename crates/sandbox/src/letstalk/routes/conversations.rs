//! `/conversations`: open, close, assign to a group, metadata.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::conversations::Opening;
use super::super::dates::with_offset;
use super::super::errors::Refusal;
use super::super::messages::Draft;
use super::super::model::Content;
use super::super::{LetsTalk, shapes};
use super::auth::Key;

#[derive(Deserialize)]
pub(super) struct OpenBody {
    issue: Option<String>,
    message: Option<FirstMessage>,
    organization_id: Option<i64>,
    inquiry_id: Option<i64>,
    metadata: Option<Value>,
}

#[derive(Deserialize)]
struct FirstMessage {
    content: Option<String>,
    content_type: Option<String>,
    remote_id: Option<String>,
}

pub(super) async fn open(
    platform: Data<LetsTalk>,
    key: Key,
    body: Json<OpenBody>,
) -> Result<HttpResponse, Refusal> {
    let body = body.into_inner();
    let mut store = platform.lock();
    let client = store.owner(&key.0)?;
    let message = body.message.ok_or(Refusal::missing("message"))?;
    if message.content_type.as_deref().unwrap_or("text/plain") != "text/plain" {
        return Err(Refusal::Invalid {
            field: "message.content_type",
            problem: "is not text/plain",
        });
    }
    if let Some(metadata) = &body.metadata
        && !metadata.is_object()
    {
        return Err(Refusal::Invalid {
            field: "metadata",
            problem: "is not an object",
        });
    }
    let first = Draft {
        content: Content::Text(message.content.ok_or(Refusal::missing("message.content"))?),
        remote_id: message.remote_id,
        internal: false,
    };
    let opening = Opening {
        issue: body.issue,
        organization_id: body
            .organization_id
            .ok_or(Refusal::missing("organization_id"))?,
        inquiry_id: body.inquiry_id,
        metadata: body.metadata,
    };
    let id = platform.open(&mut store, &client, opening, first)?;
    let thread = store.visible(&client, id)?;
    let mut answer = shapes::conversation(&store, thread);
    answer["new_messages"] = json!([answer["last_message"]]);
    Ok(HttpResponse::Created().json(answer))
}

#[derive(Deserialize)]
pub(super) struct CloseBody {
    status: Option<String>,
}

pub(super) async fn close(
    platform: Data<LetsTalk>,
    key: Key,
    id: Path<i64>,
    body: Json<CloseBody>,
) -> Result<HttpResponse, Refusal> {
    let mut store = platform.lock();
    let agent = store.owner(&key.0)?;
    store.visible(&agent, *id)?;
    if body.status.as_deref() != Some("Closed") {
        return Err(Refusal::Invalid {
            field: "status",
            problem: "is not Closed",
        });
    }
    platform.close_by(&mut store, &agent, *id)?;
    let thread = store.visible(&agent, *id)?;
    Ok(HttpResponse::Ok().json(shapes::conversation(&store, thread)))
}

#[derive(Deserialize)]
pub(super) struct AssignBody {
    group_id: Option<i64>,
    conversation_id: Option<i64>,
    #[serde(default)]
    transfer: bool,
}

pub(super) async fn assign(
    platform: Data<LetsTalk>,
    key: Key,
    id: Path<i64>,
    body: Json<AssignBody>,
) -> Result<HttpResponse, Refusal> {
    let mut store = platform.lock();
    let agent = store.owner(&key.0)?;
    let group_id = body.group_id.ok_or(Refusal::missing("group_id"))?;
    if body
        .conversation_id
        .ok_or(Refusal::missing("conversation_id"))?
        != *id
    {
        return Err(Refusal::Invalid {
            field: "conversation_id",
            problem: "differs from the path",
        });
    }
    let assignment = platform.assign(&mut store, &agent, *id, group_id, body.transfer)?;
    let organization = store.organization(agent.organization)?;
    let group = organization
        .groups
        .iter()
        .find(|group| group.id == group_id)
        .ok_or(Refusal::NotFound)?;
    Ok(HttpResponse::Created().json(json!({
        "id": assignment,
        "group_id": group_id,
        "conversation_id": *id,
        "created_at": with_offset(platform.core.clock.now_ms()),
        "group": {"id": group.id, "name": group.name, "auto_join": group.auto_join},
    })))
}

pub(super) async fn metadata(
    platform: Data<LetsTalk>,
    key: Key,
    id: Path<i64>,
) -> Result<HttpResponse, Refusal> {
    let store = platform.lock();
    let reader = store.owner(&key.0)?;
    Ok(HttpResponse::Ok().json(&store.visible(&reader, *id)?.metadata))
}

pub(super) async fn set_metadata(
    platform: Data<LetsTalk>,
    key: Key,
    id: Path<i64>,
    body: Json<Value>,
) -> Result<HttpResponse, Refusal> {
    let mut store = platform.lock();
    let writer = store.owner(&key.0)?;
    store.visible(&writer, *id)?;
    if !body.is_object() {
        return Err(Refusal::Invalid {
            field: "metadata",
            problem: "is not an object",
        });
    }
    let metadata = body.into_inner();
    store.conversation_mut(*id)?.metadata = metadata.clone();
    platform.changed();
    Ok(HttpResponse::Ok().json(metadata))
}
