//! Fetching a message's file into our store: from the platform for the contact's, from Let's Talk
//! for the agent's. The file's id is the message's, so that fetching twice keeps one.

use super::{Attempt, from_account, from_store};
use crate::Context;
use adapters::ingest::Stored;
use domain::ids::{FileId, MessageId};
use domain::message::{Author, Message, StoredFile};
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
        .is_some_and(domain::message::Attachment::is_pending)
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

/// Makes sure that a message which is about to be sent has its file. A file that will never come
/// is noted in the message and no error: the sender says so in words.
pub(super) async fn ensure(
    context: &Context,
    claim: &Claim,
    message: &mut Message,
) -> Result<Option<StoredFile>, SendError> {
    let result = fetched(context, claim, message).await;
    let Some(attachment) = message.content.attachment_mut() else {
        return Ok(None);
    };
    match result {
        Ok(file) => {
            attachment.stored = Some(file.clone());
            Ok(Some(file))
        }
        Err(error) if matches!(error.failure, Failure::Payload | Failure::Recipient) => {
            attachment.unavailable = Some(error.detail);
            Ok(None)
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
    let source = attachment.source.as_ref().ok_or_else(gone)?;
    let tenant = claim.wakeup.tenant;
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
        domain::message::MediaSource::Id { sha256, .. } => sha256.clone(),
        domain::message::MediaSource::Url { .. } => None,
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
