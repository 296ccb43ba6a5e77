//! What a member can do in a conversation. Each goes through [`crate::state::Commands`].

use crate::extract::{Member, Operator, Posted};
use crate::pages::Page;
use crate::pages::error::PageError;
use crate::state::CommandError;
use actix_web::web::Path;
use domain::ids::{ConversationId, OutboxId};
use uuid::Uuid;

/// Says how a command went, on the conversation's page.
fn done(member: &Member, id: Uuid, went: Result<(), CommandError>, key: &str) -> Page {
    let visitor = &member.visitor;
    match went {
        Ok(()) => visitor.say("ok", visitor.lang.t(key)),
        Err(CommandError::TooLate) => visitor.say("danger", visitor.lang.t("command-too-late")),
        Err(error) => return Err(error.into()),
    }
    Ok(visitor.go(&format!("/conversations/{id}")))
}

pub(super) async fn hand_off(Operator(member): Operator, id: Path<Uuid>, _form: Posted) -> Page {
    let commands = &member.visitor.app.commands;
    let (tenant, who) = (member.who.tenant, member.who.id);
    let went = commands.hand_off(tenant, ConversationId(*id), who).await;
    done(&member, *id, went, "done-hand-off")
}

pub(super) async fn end(Operator(member): Operator, id: Path<Uuid>, _form: Posted) -> Page {
    let commands = &member.visitor.app.commands;
    let (tenant, who) = (member.who.tenant, member.who.id);
    let went = commands.end(tenant, ConversationId(*id), who).await;
    done(&member, *id, went, "done-end")
}

/// The row that a button names, if it belongs to this conversation of this tenant.
async fn row(member: &Member, id: Uuid, form: &Posted) -> Result<OutboxId, PageError> {
    let given: Option<OutboxId> = form.0.get("outbox").parse().ok();
    let dead = member.store.outbox().dead(Some(ConversationId(id))).await?;
    let found = dead.iter().map(|row| row.id).find(|row| Some(*row) == given);
    found.ok_or(PageError::NotFound)
}

pub(super) async fn retry(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let row = row(&member, *id, &form).await?;
    let went = member.visitor.app.commands.retry(member.who.tenant, row).await;
    done(&member, *id, went, "done-retry")
}

pub(super) async fn discard(Operator(member): Operator, id: Path<Uuid>, form: Posted) -> Page {
    let row = row(&member, *id, &form).await?;
    let went = member.visitor.app.commands.discard(member.who.tenant, row).await;
    done(&member, *id, went, "done-discard")
}
