//! What a member can do in a conversation. All of it goes through ingest, and pressing twice does
//! nothing twice: what a button was for is named in its form.

use super::view::contact_name;
use crate::extract::{Member, Operator, Posted};
use crate::pages::Page;
use crate::pages::error::PageError;
use actix_web::web::Path;
use adapters::ingest::{Command, CommandOutcome, NewNote, Outcome, Submission};
use adapters::store::{Change, Object};
use domain::audit::{Action, ObjectKind};
use domain::handoff::{EndReason, HandoffOptions, HandoffReason};
use domain::ids::{ConversationId, OutboxId};
use uuid::Uuid;

/// The longest tag, in characters.
const LONGEST_TAG: usize = 40;
/// The most tags of one contact.
const MOST_TAGS: usize = 50;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 4_000;

/// Whether a command changed something; if so, the log says who did it.
async fn submit(member: &Member, id: Uuid, command: Command) -> Result<bool, PageError> {
    let action = action(&command);
    let submitted = member
        .visitor
        .app
        .ingest
        .submit(Submission::Command(command));
    match submitted.await {
        Ok(Outcome::Command(CommandOutcome::Unchanged { .. })) => return Ok(false),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    if let Some(action) = action {
        record(member, id, action).await?;
    }
    Ok(true)
}

/// Says how it went, on the conversation's page.
fn back(member: &Member, id: Uuid, changed: bool, key: &str) -> Page {
    let visitor = &member.visitor;
    if changed {
        visitor.say("ok", visitor.lang.t(key));
    } else {
        visitor.say("danger", visitor.lang.t("command-too-late"));
    }
    Ok(visitor.go(&format!("/conversations/{id}")))
}

/// The word of the log for what members can do; nothing for what only bots do, nor for what the
/// log is told together with the change.
fn action(command: &Command) -> Option<Action> {
    match command {
        Command::HandOff { .. } => Some(Action::ConversationHandedOff),
        Command::End { .. } => Some(Action::ConversationEnded),
        Command::Retry { .. } => Some(Action::MessageRetried),
        Command::Discard { .. } => Some(Action::MessageDiscarded),
        _ => None,
    }
}

/// A line of the log about a conversation, under its contact's name.
async fn record(member: &Member, id: Uuid, action: Action) -> Result<(), PageError> {
    let row = member.store.conversations().get(ConversationId(id)).await?;
    let name = contact_name(&row, member.visitor.lang);
    let object = Object::of(ObjectKind::Conversation, id, name);
    let change = Change::of(action, object);
    Ok(member.store.audit().record(change).await?)
}

pub(super) async fn hand_off(Operator(member): Operator, id: Path<Uuid>, _form: Posted) -> Page {
    let command = Command::HandOff {
        tenant: member.who.tenant,
        conversation: ConversationId(*id),
        reason: HandoffReason::Manual,
        options: HandoffOptions::default(),
        close: None,
    };
    let changed = submit(&member, *id, command).await?;
    back(&member, *id, changed, "done-hand-off")
}

/// Ends the handoff that the form names; whichever is under way where it names none.
async fn ended(
    member: &Member,
    id: Uuid,
    form: &Posted,
    reason: EndReason,
) -> Result<bool, PageError> {
    let command = Command::End {
        tenant: member.who.tenant,
        conversation: ConversationId(id),
        handoff: form.0.get("handoff").parse().ok(),
        reason,
    };
    submit(member, id, command).await
}

pub(super) async fn end(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let changed = ended(&member, *id, &form, EndReason::OperatorForced).await?;
    back(&member, *id, changed, "done-end")
}

/// As if the agent had closed it: with the goodbye and the rating question of the policy.
pub(super) async fn close(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let changed = ended(&member, *id, &form, EndReason::AgentClosed).await?;
    back(&member, *id, changed, "done-close")
}

/// The rows given up in this conversation of this tenant.
async fn dead(member: &Member, id: Uuid) -> Result<Vec<OutboxId>, PageError> {
    let conversation = ConversationId(id);
    member.store.conversations().get(conversation).await?;
    let dead = member.store.outbox().dead(Some(conversation)).await?;
    Ok(dead.iter().map(|row| row.id).collect())
}

/// Retries or discards a row; a row that is not given up any more was pressed twice.
async fn settled(member: &Member, id: Uuid, row: OutboxId, retry: bool) -> Result<bool, PageError> {
    let tenant = member.who.tenant;
    let command = if retry {
        Command::Retry { tenant, row }
    } else {
        Command::Discard { tenant, row }
    };
    match submit(member, id, command).await {
        Err(PageError::NotFound) => Ok(false),
        other => other,
    }
}

async fn one(member: &Member, id: Uuid, form: &Posted, retry: bool) -> Result<bool, PageError> {
    let given: Option<OutboxId> = form.0.get("outbox").parse().ok();
    let given = given.ok_or(PageError::NotFound)?;
    let found = dead(member, id).await?.contains(&given);
    Ok(found && settled(member, id, given, retry).await?)
}

async fn all(member: &Member, id: Uuid, retry: bool) -> Result<bool, PageError> {
    let mut changed = false;
    // Oldest first: they go out in the order in which they were said.
    for row in dead(member, id).await?.into_iter().rev() {
        changed |= settled(member, id, row, retry).await?;
    }
    Ok(changed)
}

pub(super) async fn retry(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let changed = one(&member, *id, &form, true).await?;
    back(&member, *id, changed, "done-retry")
}

pub(super) async fn discard(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let changed = one(&member, *id, &form, false).await?;
    back(&member, *id, changed, "done-discard")
}

pub(super) async fn retry_all(Operator(member): Operator, id: Path<Uuid>, _form: Posted) -> Page {
    let changed = all(&member, *id, true).await?;
    back(&member, *id, changed, "done-retry")
}

pub(super) async fn discard_all(Operator(member): Operator, id: Path<Uuid>, _form: Posted) -> Page {
    let changed = all(&member, *id, false).await?;
    back(&member, *id, changed, "done-discard")
}

async fn tagged(member: &Member, id: Uuid, form: &Posted, on: bool) -> Result<bool, PageError> {
    let conversation = ConversationId(id);
    let row = member.store.conversations().get(conversation).await?;
    let tag = form.0.get("tag");
    let tags = &row.contact.profile.tags;
    let long = tag.chars().count() > LONGEST_TAG || tag.chars().any(char::is_control);
    if on && (tag.is_empty() || long || tags.len() >= MOST_TAGS) {
        return Ok(false);
    }
    let command = Command::Tag {
        tenant: member.who.tenant,
        conversation,
        tag: tag.to_owned(),
        on,
        by: member.store.acting().clone(),
    };
    submit(member, id, command).await
}

pub(super) async fn tag(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let visitor = &member.visitor;
    if tagged(&member, *id, &form, true).await? {
        visitor.say("ok", visitor.lang.t("done-tag"));
    } else {
        visitor.say("danger", visitor.lang.t("tag-refused"));
    }
    Ok(visitor.go(&format!("/conversations/{id}")))
}

pub(super) async fn untag(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let changed = tagged(&member, *id, &form, false).await?;
    back(&member, *id, changed, "done-untag")
}

pub(super) async fn note(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let text = form.0.get("note").replace("\r\n", "\n");
    let known = form.0.get("note_id").parse::<Uuid>().ok();
    let visitor = &member.visitor;
    if text.is_empty() || text.chars().count() > LONGEST_NOTE {
        visitor.say("danger", visitor.lang.t("note-refused"));
        return Ok(visitor.go(&format!("/conversations/{id}")));
    }
    let note = NewNote {
        tenant: member.who.tenant,
        conversation: ConversationId(*id),
        id: known.unwrap_or_else(|| visitor.app.ids.next()),
        member: member.who.id,
        name: member.who.name.clone(),
        by: member.store.acting().clone(),
        text,
    };
    submit(&member, *id, Command::Note(note)).await?;
    back(&member, *id, true, "done-note")
}
