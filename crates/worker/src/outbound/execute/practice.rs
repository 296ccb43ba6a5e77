//! The practice bot of the test chat: takes the webhook as a bot of the tenant's would, and
//! answers past the same gate.

use super::from_store;
use crate::Context;
use adapters::accounts::OpenChannel;
use adapters::channels::test_chat;
use adapters::ingest::Stored;
use domain::message::{Author, Content};
use domain::outbound::{Claim, Failure, SendError};
use domain::ports::{ChannelEvent, RawWebhook};

/// Answers what a webhook of the test chat says.
pub(super) async fn answer(
    context: &Context,
    claim: &Claim,
    open: &OpenChannel,
    raw: RawWebhook,
) -> Result<Stored, SendError> {
    if claim.attempts > 0 && answered(context, claim).await? {
        // A worker died after it had answered.
        return Ok(Stored::default());
    }
    let Some(platform) = context.channels.get(open.channel.kind) else {
        return Ok(Stored::default());
    };
    let proven = platform
        .verify(&open.credentials, raw)
        .map_err(|error| SendError::clear(Failure::Payload, error.to_string()))?;
    let heard = platform.decode(&open.credentials, &open.channel.settings, &proven);
    let tenant = context.store.tenant(claim.wakeup.tenant);
    let settings = tenant.tenant().await.map_err(|e| from_store(&e))?.settings;
    let lost = settings.fallback_phrases.first().map(String::as_str);
    for inbound in heard.events {
        let (ChannelEvent::Message { content, .. }, Some(from)) = (inbound.event, inbound.contact)
        else {
            continue;
        };
        let words = test_chat::answer(&content, settings.language, lost);
        say(context, open, &from, words).await?;
    }
    Ok(Stored::default())
}

async fn say(
    context: &Context,
    open: &OpenChannel,
    to: &domain::contact::ContactAddress,
    words: Content,
) -> Result<(), SendError> {
    let said = context.bots.say(&open.channel, to, words).await;
    said.map_err(|error| {
        SendError::clear(Failure::Transient { retry_after: None }, error.to_string())
    })
}

/// Whether the bot has spoken since the message that this row carries.
async fn answered(context: &Context, claim: &Claim) -> Result<bool, SendError> {
    let Some(message) = claim.task.message() else {
        return Ok(false);
    };
    let talks = context.store.tenant(claim.wakeup.tenant).conversations();
    let heard = talks.message(message).await.map_err(|e| from_store(&e))?;
    let since = talks
        .messages_after(claim.wakeup.conversation, heard.seq, 50)
        .await
        .map_err(|e| from_store(&e))?;
    Ok(since.iter().any(|m| m.author == Author::Bot))
}
