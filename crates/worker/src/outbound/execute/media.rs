//! Fetching a message's file into our store: from the platform for the contact's, from Let's Talk
//! for the agent's. The file's id is the message's, so that fetching twice keeps one.

use super::{Attempt, from_account, from_store};
use crate::Context;
use adapters::ingest::{FetchedFile, Stored, Submission};
use domain::desk::{DeskBody, DeskContent};
use domain::ids::{FileId, MessageId};
use domain::message::{Attachment, Author, MediaSource, Message, StoredFile};
use domain::outbound::{Claim, Failure, SendError};
use domain::ports::{FileStoreError, NewFile};

/// The most that is fetched: WhatsApp's largest document (`channels.md` §2.5).
const CAP: u64 = 100 * 1024 * 1024;

/// Lane media.
pub(super) async fn fetch(context: &Context, claim: &Claim, message: MessageId) -> Attempt {
    let tenant = context.store.tenant(claim.wakeup.tenant);
    let message = match tenant.conversations().message(message).await {
        Ok(message) => message,
        Err(error) => return Attempt::failed(from_store(&error)),
    };
    if !message
        .content
        .attachment()
        .is_some_and(Attachment::is_missing)
    {
        return Attempt::done(Stored::default());
    }
    match fetched(context, claim, &message).await {
        Ok(file) => Attempt::done(Stored {
            file: Some(Ok(file)),
            ..Stored::default()
        }),
        Err(error) => Attempt::failed(error),
    }
}

/// Makes sure that a message which is about to be sent has its file, and that its address is good
/// before anybody has it. A file that will never come is noted in the message and no error: the sender
/// says so in words.
pub(super) async fn ensure(
    context: &Context,
    claim: &Claim,
    message: &mut Message,
) -> Result<(), SendError> {
    let result = fetched(context, claim, message).await;
    let Some(attachment) = message.content.attachment_mut() else {
        return Ok(());
    };
    match result {
        Ok(file) => {
            let fetched = Submission::Fetched(FetchedFile {
                tenant: claim.wakeup.tenant,
                conversation: claim.wakeup.conversation,
                message: message.id,
                file: file.clone(),
            });
            let kept = context.ingest.submit(fetched).await;
            kept.map_err(|e| SendError::clear(Failure::NotAsked, e.to_string()))?;
            attachment.keep(file);
            Ok(())
        }
        Err(error) if matches!(error.failure, Failure::Payload | Failure::Recipient) => {
            attachment.unavailable = Some(error.detail);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

async fn fetched(
    context: &Context,
    claim: &Claim,
    message: &Message,
) -> Result<StoredFile, SendError> {
    let gone = || SendError::clear(Failure::Payload, "no address for the file");
    let attachment = message.content.attachment().ok_or_else(gone)?;
    let tenant = claim.wakeup.tenant;
    let told = attachment.source.clone();
    let source = match (told, message.author) {
        (Some(source), _) => source,
        (None, Author::Agent) => listed(context, claim, message).await?.ok_or_else(gone)?,
        (None, _) => return Err(gone()),
    };
    let source = &source;
    let stream = if message.author == Author::Agent {
        let account = context
            .accounts
            .desk(tenant)
            .await
            .map_err(|e| from_account(&e))?;
        context.desk.open_media(&account, source).await?
    } else {
        let row = context
            .store
            .tenant(tenant)
            .conversations()
            .get(claim.wakeup.conversation)
            .await
            .map_err(|e| from_store(&e))?;
        let open = context
            .accounts
            .channel(tenant, row.conversation.channel)
            .await
            .map_err(|e| from_account(&e))?;
        let channel = context.channels.get(open.channel.kind).ok_or_else(gone)?;
        channel
            .open_media(&open.credentials, source, attachment)
            .await?
    };
    let sha256 = match source {
        MediaSource::Id { sha256, .. } => sha256.clone(),
        MediaSource::Url { .. } => None,
    };
    let name = attachment.name.clone().or_else(|| stream.name.clone());
    let new = NewFile {
        tenant,
        id: FileId(message.id.0),
        name,
        cap: CAP,
        sha256,
        stream,
    };
    context.files.put(new).await.map_err(|error| match error {
        FileStoreError::Source(error) => error,
        FileStoreError::TooBig { .. } => SendError::clear(Failure::Payload, error.to_string()),
        FileStoreError::Corrupt | FileStoreError::NotFound | FileStoreError::Io(_) => {
            SendError::clear(Failure::Transient { retry_after: None }, error.to_string())
        }
    })
}

/// Let's Talk does not always tell a file's address with the event (`lets-talk.md`): the listing
/// of the conversation is the second place to look.
async fn listed(
    context: &Context,
    claim: &Claim,
    message: &Message,
) -> Result<Option<MediaSource>, SendError> {
    let told = message
        .external_id
        .as_deref()
        .and_then(|id| id.strip_prefix("lt:"));
    let (Some(id), Some(handoff)) = (told.and_then(|id| id.parse::<i64>().ok()), message.handoff)
    else {
        return Ok(None);
    };
    let tenant = context.store.tenant(claim.wakeup.tenant);
    let handoff = tenant
        .handoffs()
        .get(handoff)
        .await
        .map_err(|e| from_store(&e))?;
    let Some(conversation) = handoff.desk_conversation else {
        return Ok(None);
    };
    let account = context
        .accounts
        .desk(claim.wakeup.tenant)
        .await
        .map_err(|e| from_account(&e))?;
    let key = &account.credentials.agent_key;
    let messages = context
        .desk
        .messages(&account, key, conversation, None, 100)
        .await?;
    Ok(messages
        .into_iter()
        .find(|m| m.id == id)
        .and_then(|m| match m.body {
            DeskBody::Agent {
                content: DeskContent::File(attachment),
                ..
            } => attachment.source,
            _ => None,
        }))
}
