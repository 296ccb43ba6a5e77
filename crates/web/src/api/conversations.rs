//! Conversations, for reading.

use super::auth::Caller;
use super::problem::Problem;
use super::whom;
use crate::edges::EdgeState;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use adapters::api_objects;
use domain::api_key::Scope;
use domain::ids::ConversationId;
use serde_json::json;

/// Messages per page, unless said otherwise; and the most.
const PAGE: u64 = 50;
const LARGEST_PAGE: u64 = 200;

/// `GET /conversations/{id}`.
pub(super) async fn show(
    state: Data<EdgeState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let caller = Caller::of(&state, &request, Scope::Read).await?;
    let id: ConversationId = id.parse().map_err(|_| Problem::NotFound)?;
    let row = caller.store.conversations().get(id).await?;
    caller.reach(row.conversation.channel)?;
    Ok(HttpResponse::Ok().json(json!({"conversation": state.objects.conversation(&row)})))
}

/// `GET /control`.
pub(super) async fn control(
    state: Data<EdgeState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let caller = Caller::of(&state, &request, Scope::Read).await?;
    let (channel, contact) = match (query(&request, "channel"), query(&request, "contact")) {
        (Some(channel), Some(contact)) => (channel, contact),
        _ => return Err(Problem::Query("channel and contact are required")),
    };
    let whom = whom::on_channel(&caller, &channel, &contact).await?;
    let answer = match whom.row {
        Some(row) => json!({
            "control": api_objects::control(&row),
            "phase": row.conversation.state.phase_name(),
            "conversation": row.conversation.id,
            "handoff": row.conversation.state.episode().map(|e| e.handoff),
        }),
        None => json!({"control": "bot", "phase": "bot", "conversation": null, "handoff": null}),
    };
    Ok(HttpResponse::Ok().json(answer))
}

/// `GET /conversations/{id}/messages`.
pub(super) async fn messages(
    state: Data<EdgeState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let caller = Caller::of(&state, &request, Scope::Read).await?;
    let number = |name: &str| match query(&request, name) {
        None => Ok(None),
        Some(text) => text
            .parse::<u64>()
            .map(Some)
            .map_err(|_| Problem::Query("after and limit are whole numbers")),
    };
    let after = i64::try_from(number("after")?.unwrap_or(0)).unwrap_or(i64::MAX);
    let limit = number("limit")?.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let id: ConversationId = id.parse().map_err(|_| Problem::NotFound)?;
    let conversations = caller.store.conversations();
    let row = conversations.get(id).await?;
    caller.reach(row.conversation.channel)?;
    let messages = conversations.messages_after(id, after, limit).await?;
    let full = messages.len() as u64 == limit;
    let next = messages.last().filter(|_| full).map(|m| m.seq);
    let listed: Vec<_> = messages.iter().map(|m| state.objects.message(m)).collect();
    Ok(HttpResponse::Ok().json(json!({"messages": listed, "next_after": next})))
}

fn query(request: &HttpRequest, wanted: &str) -> Option<String> {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}
