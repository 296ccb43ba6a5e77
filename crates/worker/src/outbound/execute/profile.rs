//! A contact's name, where the platform keeps it out of its webhooks. Nothing waits for it for
//! long and nothing fails for want of it.

use super::Attempt;
use crate::Context;
use adapters::ingest::{Command, Stored, Submission};
use adapters::store::ConversationRow;
use domain::contact::ContactProfile;
use domain::outbound::Claim;
use std::time::Duration;

/// In its own lane a lookup may take this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// An agent is waiting: the desk opens without a name rather than late.
const BEFORE_OPENING: Duration = Duration::from_secs(3);

/// Lane media: asks for the name of the conversation's contact and keeps it.
pub(super) async fn learn(context: &Context, claim: &Claim) -> Attempt {
    let tenant = context.store.tenant(claim.wakeup.tenant);
    if let Ok(row) = tenant.conversations().get(claim.wakeup.conversation).await {
        asked(context, &row, PATIENCE).await;
    }
    Attempt::done(Stored::default())
}

/// The contact's profile for the desk: asked for now if there is no name yet.
pub(super) async fn before_opening(context: &Context, row: &mut ConversationRow) {
    if let Some(told) = asked(context, row, BEFORE_OPENING).await {
        row.contact.profile = row.contact.profile.merged(&told);
    }
}

async fn asked(
    context: &Context,
    row: &ConversationRow,
    patience: Duration,
) -> Option<ContactProfile> {
    let contact = &row.contact;
    if contact.profile.name.is_some() || !row.channel_kind.names_are_asked_for() {
        return None;
    }
    let open = context
        .accounts
        .channel(contact.tenant, contact.channel)
        .await;
    let open = open.ok()?;
    let platform = context.channels.get(open.channel.kind)?;
    let lookup = platform.profile(&open.credentials, &contact.address);
    let told = match tokio::time::timeout(patience, lookup).await {
        Ok(Ok(told)) if told != ContactProfile::default() => told,
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => {
            tracing::debug!(channel = %contact.channel, code = error.code, "a name was not told");
            return None;
        }
        Err(_) => return None,
    };
    let command = Command::Learn {
        tenant: contact.tenant,
        channel: contact.channel,
        contact: contact.address.clone(),
        profile: told.clone(),
    };
    if let Err(error) = context.ingest.submit(Submission::Command(command)).await {
        tracing::warn!(channel = %contact.channel, %error, "a name could not be kept");
    }
    Some(told)
}
