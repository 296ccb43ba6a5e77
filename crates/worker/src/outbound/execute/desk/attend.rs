//! Telling the agents something, assigning and closing: our own agent's doing.

use super::super::Attempt;
use super::case::case;
use crate::Context;
use adapters::desk::notes::opened_twice;
use adapters::ingest::{Stored, StrayFound};
use domain::ids::HandoffId;
use domain::outbound::{Claim, Failure, StoredNote};
use uuid::Uuid;

/// Tells the agents something, as our own agent: those words are never echoed to the contact.
pub(in super::super) async fn note(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
    note: &StoredNote,
) -> Attempt {
    let told = async {
        let case = case(context, claim, handoff, None).await?;
        let Some(conversation) = case.handoff.desk_conversation else {
            return Ok(Stored::default());
        };
        let text = adapters::desk::notes::words(note, case.company.settings.language);
        let identity = Uuid::new_v5(&handoff.0, format!("note:{}", claim.id).as_bytes());
        let key = &case.account.credentials.agent_key;
        if claim.ambiguous {
            let listed = context
                .desk
                .messages(&case.account, key, conversation, None, 100)
                .await?;
            if listed.iter().any(|m| m.remote_id == Some(identity)) {
                return Ok(Stored::default());
            }
        }
        context
            .desk
            .post_text(&case.account, key, conversation, &text, identity)
            .await?;
        Ok(Stored::default())
    };
    told.await.into()
}

/// Assigns the conversation to a group.
pub(in super::super) async fn assign(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
    group: i64,
) -> Attempt {
    let assigned = async {
        let case = case(context, claim, handoff, None).await?;
        let conversation = case.desk_conversation()?;
        context
            .desk
            .assign_group(&case.account, conversation, group)
            .await?;
        Ok(Stored::default())
    };
    assigned.await.into()
}

/// Closes a conversation that was opened twice, after a remark; one that does not begin with the
/// handoff's opening message is somebody else's and left alone.
pub(in super::super) async fn close_duplicate(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
    desk_conversation: i64,
) -> Attempt {
    let closed = async {
        let case = case(context, claim, handoff, None).await?;
        let found = |is_duplicate| Stored {
            stray: Some(StrayFound {
                handoff,
                desk_conversation,
                is_duplicate,
            }),
            ..Stored::default()
        };
        let key = &case.account.credentials.agent_key;
        let desk = &context.desk;
        let listed = desk.messages(&case.account, key, desk_conversation, None, 100);
        let listed = match listed.await {
            Err(error) if error.failure == Failure::Payload => return Ok(found(false)),
            other => other?,
        };
        let holds = |identity| listed.iter().any(|m| m.remote_id == Some(identity));
        let kept = case.handoff.desk_conversation;
        if kept == Some(desk_conversation) || !holds(handoff.opening_identity()) {
            return Ok(found(false));
        }
        let remark = format!("duplicate:{desk_conversation}");
        let identity = Uuid::new_v5(&handoff.0, remark.as_bytes());
        if !holds(identity) {
            let words = opened_twice(kept, case.company.settings.language);
            desk.post_text(&case.account, key, desk_conversation, &words, identity)
                .await?;
        }
        match desk.close(&case.account, desk_conversation).await {
            Err(error) if error.code.as_deref() != Some("404") => Err(error),
            _ => Ok(found(true)),
        }
    };
    closed.await.into()
}

/// Closes the conversation; one that was never opened, or is closed or gone, is closed.
pub(in super::super) async fn close(
    context: &Context,
    claim: &Claim,
    handoff: HandoffId,
) -> Attempt {
    let closed = async {
        let case = case(context, claim, handoff, None).await?;
        let Some(conversation) = case.handoff.desk_conversation else {
            return Ok(Stored::default());
        };
        match context.desk.close(&case.account, conversation).await {
            Err(error) if error.code.as_deref() == Some("404") => Ok(Stored::default()),
            other => other.map(|()| Stored::default()),
        }
    };
    closed.await.into()
}
