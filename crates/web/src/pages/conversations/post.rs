//! What a member can do in a conversation. All of it goes through ingest.

use super::view::contact_name;
use crate::extract::{Member, Operator, Posted};
use crate::pages::Page;
use crate::pages::error::PageError;
use actix_web::web::Path;
use adapters::ingest::{Command, CommandOutcome, Outcome, Submission};
use adapters::store::{Change, Object};
use domain::audit::{Action, ObjectKind};
use domain::handoff::{EndReason, HandoffOptions, HandoffReason};
use domain::ids::{ConversationId, OutboxId};
use uuid::Uuid;

/// Carries out a command and says how it went, on the conversation's page.
async fn carry_out(member: &Member, id: Uuid, command: Command, key: &str) -> Page {
    let visitor = &member.visitor;
    let action = action(&command);
    let outcome = visitor
        .app
        .ingest
        .submit(Submission::Command(command))
        .await?;
    if let Outcome::Command(CommandOutcome::Unchanged { .. }) = outcome {
        visitor.say("danger", visitor.lang.t("command-too-late"));
    } else {
        if let Some(action) = action {
            record(member, id, action).await?;
        }
        visitor.say("ok", visitor.lang.t(key));
    }
    Ok(visitor.go(&format!("/conversations/{id}")))
}

/// The word of the log for what members can do; nothing for what only bots do.
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
    carry_out(&member, *id, command, "done-hand-off").await
}

pub(super) async fn end(Operator(member): Operator, id: Path<Uuid>, _form: Posted) -> Page {
    let command = Command::End {
        tenant: member.who.tenant,
        conversation: ConversationId(*id),
        handoff: None,
        reason: EndReason::OperatorForced,
    };
    carry_out(&member, *id, command, "done-end").await
}

/// The row that a button names, if it belongs to this conversation of this tenant.
async fn row(member: &Member, id: Uuid, form: &Posted) -> Result<OutboxId, PageError> {
    let given: Option<OutboxId> = form.0.get("outbox").parse().ok();
    let dead = member.store.outbox().dead(Some(ConversationId(id))).await?;
    let found = dead
        .iter()
        .map(|row| row.id)
        .find(|row| Some(*row) == given);
    found.ok_or(PageError::NotFound)
}

pub(super) async fn retry(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let row = row(&member, *id, &form).await?;
    let tenant = member.who.tenant;
    carry_out(&member, *id, Command::Retry { tenant, row }, "done-retry").await
}

pub(super) async fn discard(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let row = row(&member, *id, &form).await?;
    let tenant = member.who.tenant;
    carry_out(
        &member,
        *id,
        Command::Discard { tenant, row },
        "done-discard",
    )
    .await
}
