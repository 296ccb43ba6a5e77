//! Conversations and their messages, for reading.

use super::entity::{channels, contacts, conversations, messages};
use super::rows::{author_from, contact_from, conversation_from, message_from};
use super::{HandoffRow, StoreError, TenantStore};
use domain::channel::ChannelKind;
use domain::contact::Contact;
use domain::conversation::Conversation;
use domain::ids::{ChannelId, ConversationId, MessageId};
use domain::message::{Author, Message};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// Conversations and their messages.
pub struct Conversations {
    pub(crate) tenant: TenantStore,
}

/// Which conversations to list.
#[derive(Clone, Debug, Default)]
pub struct ConversationFilter {
    /// Only in this phase: `bot`, `requested`, `waiting`, `active`; or `human` for the last three.
    pub phase: Option<String>,
    /// Only on this channel.
    pub channel: Option<ChannelId>,
    /// Only with a failed message.
    pub failed_only: bool,
}

/// Where a list goes on: strictly older than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last row's time.
    pub at: Timestamp,
    /// The last row's id.
    pub id: ConversationId,
}

/// A conversation with what a list shows beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationRow {
    /// The conversation.
    pub conversation: Conversation,
    /// Who writes in.
    pub contact: Contact,
    /// The platform.
    pub channel_kind: ChannelKind,
    /// What the members call the line.
    pub channel_name: String,
    /// The beginning of what was last said.
    pub last_words: String,
    /// Who said it.
    pub last_author: Option<Author>,
    /// How many messages failed and were not retried.
    pub failed: i64,
}

impl Conversations {
    /// A page of the list, newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(
        &self,
        filter: &ConversationFilter,
        before: Option<Cursor>,
        limit: u64,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        use conversations::Column;
        let mut query = conversations::Entity::find().filter(Column::TenantId.eq(self.tenant.id.0));
        query = match filter.phase.as_deref() {
            Some("human") => query.filter(Column::Phase.ne("bot")),
            Some(phase) => query.filter(Column::Phase.eq(phase)),
            None => query,
        };
        if let Some(channel) = filter.channel {
            query = query.filter(Column::ChannelId.eq(channel.0));
        }
        if filter.failed_only {
            query = query.filter(Column::Failed.gt(0));
        }
        if let Some(cursor) = before {
            let older = Condition::all()
                .add(Column::LastMessageAt.eq(cursor.at.0))
                .add(Column::Id.lt(cursor.id.0));
            query = query.filter(
                Condition::any()
                    .add(Column::LastMessageAt.lt(cursor.at.0))
                    .add(older),
            );
        }
        let rows = query
            .order_by_desc(Column::LastMessageAt)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.tenant.store.read)
            .await?;
        self.dressed(rows).await
    }

    /// One conversation.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn get(&self, id: ConversationId) -> Result<ConversationRow, StoreError> {
        let row = conversations::Entity::find_by_id((self.tenant.id.0, id.0))
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        self.dressed(vec![row])
            .await?
            .pop()
            .ok_or(StoreError::NotFound)
    }

    /// Adds contacts and channels to rows: two queries, however many rows.
    async fn dressed(
        &self,
        rows: Vec<conversations::Model>,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let db = &self.tenant.store.read;
        let wanted: Vec<_> = rows.iter().map(|r| r.contact_id).collect();
        let mut people: HashMap<_, _> = contacts::Entity::find()
            .filter(contacts::Column::TenantId.eq(self.tenant.id.0))
            .filter(contacts::Column::Id.is_in(wanted))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let lines: HashMap<_, _> = channels::Entity::find()
            .filter(channels::Column::TenantId.eq(self.tenant.id.0))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        rows.into_iter()
            .map(|row| {
                let contact = people.remove(&row.contact_id).ok_or_else(|| {
                    StoreError::corrupt("conversations.contact_id", row.contact_id)
                })?;
                let line = lines.get(&row.channel_id).ok_or_else(|| {
                    StoreError::corrupt("conversations.channel_id", row.channel_id)
                })?;
                Ok(ConversationRow {
                    contact: contact_from(contact, row.last_inbound_at)?,
                    channel_kind: ChannelKind::from_name(&line.kind)
                        .ok_or_else(|| StoreError::corrupt("channels.kind", &line.kind))?,
                    channel_name: line.name.clone(),
                    last_words: row.last_words.clone(),
                    last_author: author_from(&row.last_author).ok(),
                    failed: row.failed,
                    conversation: conversation_from(row)?,
                })
            })
            .collect()
    }

    /// The last `limit` messages before number `before`, oldest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn messages(
        &self,
        id: ConversationId,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Message>, StoreError> {
        use messages::Column;
        let mut query = messages::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.id.0))
            .filter(Column::ConversationId.eq(id.0));
        if let Some(seq) = before {
            query = query.filter(Column::Seq.lt(seq));
        }
        let rows = query
            .order_by_desc(Column::Seq)
            .limit(limit)
            .all(&self.tenant.store.read)
            .await?;
        rows.into_iter().rev().map(message_from).collect()
    }

    /// The messages after number `seq`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn messages_after(
        &self,
        id: ConversationId,
        seq: i64,
        limit: u64,
    ) -> Result<Vec<Message>, StoreError> {
        use messages::Column;
        let rows = messages::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.id.0))
            .filter(Column::ConversationId.eq(id.0))
            .filter(Column::Seq.gt(seq))
            .order_by_asc(Column::Seq)
            .limit(limit)
            .all(&self.tenant.store.read)
            .await?;
        rows.into_iter().map(message_from).collect()
    }

    /// One message.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn message(&self, id: MessageId) -> Result<Message, StoreError> {
        let row = messages::Entity::find_by_id((self.tenant.id.0, id.0))
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        message_from(row)
    }

    /// The conversation of a contact, by what the platform calls them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn by_contact(
        &self,
        channel: ChannelId,
        key: &str,
    ) -> Result<ConversationRow, StoreError> {
        let person = Condition::any()
            .add(contacts::Column::Key.eq(key))
            .add(contacts::Column::Alias.eq(key));
        let contact = contacts::Entity::find()
            .filter(contacts::Column::TenantId.eq(self.tenant.id.0))
            .filter(contacts::Column::ChannelId.eq(channel.0))
            .filter(person)
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        let row = conversations::Entity::find()
            .filter(conversations::Column::TenantId.eq(self.tenant.id.0))
            .filter(conversations::Column::ContactId.eq(contact.id))
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        self.dressed(vec![row])
            .await?
            .pop()
            .ok_or(StoreError::NotFound)
    }

    /// The handoffs of a conversation, newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn handoffs(&self, id: ConversationId) -> Result<Vec<HandoffRow>, StoreError> {
        self.tenant.handoffs().of_conversation(id).await
    }
}
