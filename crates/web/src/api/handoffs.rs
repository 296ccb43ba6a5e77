//! Handoffs.

use super::auth::Caller;
use super::idempotent::{Answer, Work, post};
use super::problem::Problem;
use super::whom::{self, Named};
use crate::edges::EdgeState;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use adapters::ingest::{Command, CommandOutcome, Outcome, Submission};
use adapters::store::HandoffRow;
use domain::api_key::Scope;
use domain::handoff::{ClosePolicy, EndReason, HandoffOptions, HandoffReason, Ignored};
use domain::ids::{ConversationId, HandoffId};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Lengths in characters, sizes in bytes.
const TITLE: usize = 500;
const SUMMARY: usize = 4000;
const NOTICE: usize = 1000;
const METADATA: usize = 8 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    conversation: Option<String>,
    channel: Option<String>,
    contact: Option<String>,
    reason: Option<String>,
    inquiry: Option<i64>,
    group: Option<i64>,
    title: Option<String>,
    summary: Option<String>,
    metadata: Option<Map<String, Value>>,
    notice: Option<String>,
    close: Option<ClosePolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    reason: Option<String>,
}

/// `POST /handoffs`.
pub(super) async fn create(
    state: Data<EdgeState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    post(
        state,
        request,
        payload,
        Scope::Handoffs,
        |work: Work<Wanted>| async move {
            let Work {
                state,
                caller,
                body,
                ..
            } = work;
            let (reason, options) = checked(&body)?;
            let named = Named {
                conversation: body.conversation.as_deref(),
                channel: body.channel.as_deref(),
                contact: body.contact.as_deref(),
            };
            let whom = whom::find(&caller, named).await?;
            let conversation = whom.conversation(&state, &caller).await?;
            let command = Command::HandOff {
                tenant: caller.tenant,
                conversation,
                reason,
                options,
                close: body.close,
            };
            let (created, handoff) = match state.ingest.submit(Submission::Command(command)).await?
            {
                Outcome::Command(CommandOutcome::Done { handoff, .. }) => (true, handoff),
                Outcome::Command(CommandOutcome::Unchanged {
                    why: Ignored::AlreadyHandedOff,
                    handoff,
                    ..
                }) => (false, handoff),
                Outcome::Command(CommandOutcome::Unchanged { why, .. }) => {
                    return Err(Problem::Refused {
                        status: 409,
                        code: why.name(),
                        detail: "The conversation cannot be handed over now.",
                    });
                }
                _ => return Err(Problem::Unavailable),
            };
            let row = latest(&caller, conversation, handoff).await?;
            Ok(Answer {
                status: if created { 201 } else { 200 },
                body: json!({"handoff": state.objects.handoff(&row), "created": created}),
            })
        },
    )
    .await
}

/// The handoff under way, or the one that has ended at once.
async fn latest(
    caller: &Caller,
    conversation: ConversationId,
    handoff: Option<HandoffId>,
) -> Result<HandoffRow, Problem> {
    match handoff {
        Some(id) => Ok(caller.store.handoffs().get(id).await?),
        None => caller
            .store
            .handoffs()
            .of_conversation(conversation)
            .await?
            .into_iter()
            .next()
            .ok_or(Problem::Unavailable),
    }
}

/// `GET /handoffs/{id}`.
pub(super) async fn show(
    state: Data<EdgeState>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let caller = Caller::of(&state, &request, Scope::Read).await?;
    let id: HandoffId = id.parse().map_err(|_| Problem::NotFound)?;
    let row = caller.store.handoffs().get(id).await?;
    caller.reach(row.channel)?;
    Ok(HttpResponse::Ok().json(json!({"handoff": state.objects.handoff(&row)})))
}

/// `POST /handoffs/{id}/end`.
pub(super) async fn end(
    state: Data<EdgeState>,
    request: HttpRequest,
    payload: Payload,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id.parse::<HandoffId>();
    post(
        state,
        request,
        payload,
        Scope::Handoffs,
        |work: Work<Ending>| async move {
            let Work {
                state,
                caller,
                body,
                ..
            } = work;
            let id = id.map_err(|_| Problem::NotFound)?;
            let reason = match body.reason.as_deref() {
                None | Some("operator_forced") => EndReason::OperatorForced,
                Some("user_ended") => EndReason::UserEnded,
                Some(_) => return Err(Problem::body("reason: operator_forced or user_ended")),
            };
            let mut row = caller.store.handoffs().get(id).await?;
            caller.reach(row.channel)?;
            if row.ended_at.is_none() {
                let command = Command::End {
                    tenant: caller.tenant,
                    conversation: row.conversation,
                    handoff: Some(id),
                    reason,
                };
                state.ingest.submit(Submission::Command(command)).await?;
                row = caller.store.handoffs().get(id).await?;
            }
            Ok(Answer {
                status: 200,
                body: json!({"handoff": state.objects.handoff(&row)}),
            })
        },
    )
    .await
}

fn checked(body: &Wanted) -> Result<(HandoffReason, HandoffOptions), Problem> {
    let reason = match body.reason.as_deref() {
        None | Some("bot_api") => HandoffReason::BotApi,
        Some("user_request") => HandoffReason::UserRequest,
        Some("fallback_count") => HandoffReason::FallbackCount,
        Some("low_confidence") => HandoffReason::LowConfidence,
        Some(_) => {
            return Err(Problem::body(
                "reason: bot_api, user_request, fallback_count or low_confidence",
            ));
        }
    };
    let lengths = [
        ("title", &body.title, TITLE),
        ("summary", &body.summary, SUMMARY),
        ("notice", &body.notice, NOTICE),
    ];
    for (name, text, most) in lengths {
        let text = text.as_deref().unwrap_or_default();
        if text.chars().count() > most || text.contains('\0') {
            return Err(Problem::body(format!("{name}: at most {most} characters")));
        }
    }
    if [body.inquiry, body.group]
        .into_iter()
        .flatten()
        .any(|n| n < 1)
    {
        return Err(Problem::body("inquiry and group are positive numbers"));
    }
    let metadata = body.metadata.as_ref().map(|m| Value::Object(m.clone()));
    if metadata.is_some_and(|m| m.to_string().len() > METADATA) {
        return Err(Problem::body("metadata: at most 8 KiB"));
    }
    let options = HandoffOptions {
        inquiry: body.inquiry,
        group: body.group,
        title: body.title.clone(),
        metadata: body.metadata.clone(),
        notice: body.notice.clone(),
        summary: body.summary.clone(),
    };
    Ok((reason, options))
}

/// A wish to hand off or to end, for [`crate::hostile`].
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn read(json: &[u8]) {
    if let Ok(wanted) = serde_json::from_slice::<Wanted>(json) {
        let _ = checked(&wanted);
    }
    let _ = serde_json::from_slice::<Ending>(json);
}
