//! From rows to the domain's words.

use super::StoreError;
use super::entity::{contacts, conversations, messages};
use domain::contact::{Contact, ContactAddress};
use domain::conversation::Conversation;
use domain::ids::{ChannelId, ContactId, ConversationId, HandoffId, MessageId, TenantId};
use domain::message::{Author, DeliveryStatus, Message};
use domain::time::Timestamp;

/// A stored message.
pub(crate) fn message_from(row: messages::Model) -> Result<Message, StoreError> {
    Ok(Message {
        id: MessageId(row.id),
        conversation: ConversationId(row.conversation_id),
        seq: row.seq,
        author: author_from(&row.author)?,
        author_name: row.author_name,
        content: serde_json::from_str(&row.content)
            .map_err(|e| StoreError::corrupt("messages.content", e))?,
        external_id: row.external_id,
        reply_to: row.reply_to,
        status: DeliveryStatus::from_name(&row.status)
            .ok_or_else(|| StoreError::corrupt("messages.status", row.status))?,
        failure: row.failure,
        handoff: row.handoff_id.map(HandoffId),
        sent_at: Timestamp(row.sent_at),
        received_at: Timestamp(row.received_at),
    })
}

/// A stored contact; when they last wrote is kept with the conversation, which every message
/// writes anyway.
pub(crate) fn contact_from(
    row: contacts::Model,
    last_inbound_at: Option<i64>,
) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: ContactId(row.id),
        tenant: TenantId(row.tenant_id),
        channel: ChannelId(row.channel_id),
        address: ContactAddress {
            key: row.key,
            alias: row.alias,
            thread: Some(row.thread).filter(|t| !t.is_empty()),
        },
        profile: serde_json::from_str(&row.profile)
            .map_err(|e| StoreError::corrupt("contacts.profile", e))?,
        last_inbound_at: last_inbound_at.map(Timestamp),
        unreachable_since: row.unreachable_since.map(Timestamp),
    })
}

/// A stored conversation.
pub(crate) fn conversation_from(row: conversations::Model) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: ConversationId(row.id),
        tenant: TenantId(row.tenant_id),
        channel: ChannelId(row.channel_id),
        contact: ContactId(row.contact_id),
        state: serde_json::from_str(&row.state)
            .map_err(|e| StoreError::corrupt("conversations.state", e))?,
        progress: serde_json::from_str(&row.progress)
            .map_err(|e| StoreError::corrupt("conversations.progress", e))?,
        last_seq: row.last_seq,
        last_message_at: Timestamp(row.last_message_at),
    })
}

/// The stored name of an author.
pub(crate) fn author_name(author: Author) -> &'static str {
    match author {
        Author::Contact => "contact",
        Author::Bot => "bot",
        Author::Agent => "agent",
        Author::System => "system",
    }
}

/// From the stored name.
pub(crate) fn author_from(name: &str) -> Result<Author, StoreError> {
    Ok(match name {
        "contact" => Author::Contact,
        "bot" => Author::Bot,
        "agent" => Author::Agent,
        "system" => Author::System,
        other => return Err(StoreError::corrupt("author", other)),
    })
}
