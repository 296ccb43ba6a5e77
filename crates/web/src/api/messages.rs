//! What the bot reports.

use super::contacts::Known;
use super::idempotent::{Answer, Work, post};
use super::problem::Problem;
use super::said::{Reported, words};
use super::whom::{self, Named, Whom};
use crate::edges::EdgeState;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use adapters::api_objects;
use adapters::ingest::{BotMessage, BotVerdict, Command, CommandOutcome, Outcome, Submission};
use domain::api_key::Scope;
use domain::channel::ChannelKind;
use domain::ids::{ConversationId, MessageId};
use domain::message::Content;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Author {
    Contact,
    Bot,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    author: Author,
    conversation: Option<String>,
    channel: Option<String>,
    contact: Option<String>,
    text: Option<String>,
    content: Option<Reported>,
    external_id: Option<String>,
    profile: Option<Known>,
    confidence: Option<f32>,
}

/// `POST /messages`.
pub(super) async fn create(
    state: Data<EdgeState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let may = Scope::Messages;
    post(state, request, payload, may, |work: Work<Report>| {
        report(work)
    })
    .await
}

async fn report(mut work: Work<Report>) -> Result<Answer, Problem> {
    let body = &mut work.body;
    let of_contact = matches!(body.author, Author::Contact);
    let content = match (body.text.take(), body.content.take()) {
        (Some(text), None) => Some(Content::Text { text: words(text)? }),
        (None, Some(reported)) => Some(reported.content(of_contact)?),
        (None, None) => None,
        _ => return Err(Problem::body("either text or content")),
    };
    let named = Named {
        conversation: body.conversation.as_deref(),
        channel: body.channel.as_deref(),
        contact: body.contact.as_deref(),
    };
    let whom = whom::find(&work.caller, named).await?;
    let (conversation, message) = if of_contact {
        let content = content.ok_or_else(|| Problem::body("text or content is required"))?;
        contact_said(&work, &whom, content).await?
    } else {
        bot_said(&work, &whom, content).await?
    };
    let row = work.caller.store.conversations().get(conversation).await?;
    Ok(Answer {
        status: 201,
        body: json!({
            "conversation": conversation, "message": message,
            "control": api_objects::control(&row),
            "handoff": row.conversation.state.episode().map(|e| e.handoff),
        }),
    })
}

type Said = (ConversationId, Option<MessageId>);

async fn contact_said(work: &Work<Report>, whom: &Whom, content: Content) -> Result<Said, Problem> {
    let body = &work.body;
    if whom.channel.kind != ChannelKind::Api {
        return Err(Problem::body(
            "what contacts say on this channel comes from the platform; only lines of kind api take it here",
        ));
    }
    if body.confidence.is_some() {
        return Err(Problem::body("confidence is the bot's"));
    }
    let external_id = body.external_id.clone().unwrap_or_else(|| work.key.clone());
    if external_id.is_empty() || external_id.len() > 255 || external_id.contains(char::is_control) {
        return Err(Problem::body("external_id: 1 to 255 bytes"));
    }
    let command = Command::Said {
        tenant: work.caller.tenant,
        channel: whom.channel.id,
        from: whom.address.clone(),
        profile: body.profile.clone().unwrap_or_default().profile()?,
        content,
        external_id,
    };
    match work
        .state
        .ingest
        .submit(Submission::Command(command))
        .await?
    {
        Outcome::Command(CommandOutcome::Done {
            conversation,
            message,
            ..
        }) => Ok((conversation, message)),
        _ => Err(Problem::Unavailable),
    }
}

async fn bot_said(
    work: &Work<Report>,
    whom: &Whom,
    content: Option<Content>,
) -> Result<Said, Problem> {
    let body = &work.body;
    if body.external_id.is_some() || body.profile.is_some() {
        return Err(Problem::body("external_id and profile are a contact's"));
    }
    if content.is_none() && body.confidence.is_none() {
        return Err(Problem::body("text, content or confidence is required"));
    }
    if body.confidence.is_some_and(|c| !(0.0..=1.0).contains(&c)) {
        return Err(Problem::body("confidence: 0 to 1"));
    }
    let said = BotMessage {
        tenant: work.caller.tenant,
        channel: whom.channel.id,
        to: whom.address.clone(),
        content,
        already_said: true,
    };
    let (conversation, message) = match work.state.ingest.submit(Submission::BotSays(said)).await? {
        Outcome::Bot(BotVerdict::Pass {
            message,
            conversation,
        }) => (conversation, message),
        Outcome::Bot(BotVerdict::Muted { conversation }) => (conversation, None),
        _ => return Err(Problem::Unavailable),
    };
    if let Some(value) = body.confidence {
        let command = Command::Confidence {
            tenant: work.caller.tenant,
            conversation,
            value,
        };
        work.state
            .ingest
            .submit(Submission::Command(command))
            .await?;
    }
    Ok((conversation, message))
}

/// A report, for [`crate::hostile`].
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn read(json: &[u8]) {
    let Ok(report) = serde_json::from_slice::<Report>(json) else {
        return;
    };
    let of_contact = matches!(report.author, Author::Contact);
    if let Some(Ok(content)) = report.content.map(|content| content.content(of_contact)) {
        assert!(of_contact || content.attachment().is_none_or(|a| a.source.is_none()));
    }
    let _ = report.text.map(words);
    let _ = report.profile.map(Known::profile);
}
