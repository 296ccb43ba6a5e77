//! Conversations and their messages, for reading.

use super::addresses::called;
use super::entity::messages;
use super::listing::{COLUMNS, ConversationRow, JOINS};
use super::rows::message_from;
use super::{HandoffRow, StoreError, TenantStore};
use domain::ids::{ChannelId, ConversationId, MessageId};
use domain::message::Message;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};

/// Conversations and their messages.
pub struct Conversations {
    pub(crate) tenant: TenantStore,
}

impl Conversations {
    /// One conversation.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn get(&self, id: ConversationId) -> Result<ConversationRow, StoreError> {
        self.one("v.id = $2", vec![id.0.into()]).await
    }

    async fn one(&self, which: &str, values: Vec<Value>) -> Result<ConversationRow, StoreError> {
        let text = format!(
            "select {COLUMNS} from conversations v {JOINS} where v.tenant_id = $1 and {which} limit 1"
        );
        let values = std::iter::once(self.tenant.id.0.into()).chain(values);
        let mut rows = self.rows(&text, values.collect()).await?;
        rows.pop().ok_or(StoreError::NotFound)
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
        Ok(self.thread(id, before, limit).await?.0)
    }

    /// The same, and the numbers of those that may be at the contact twice: a try was cut off, and
    /// the platform cannot tell whether it arrived.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn thread(
        &self,
        id: ConversationId,
        before: Option<i64>,
        limit: u64,
    ) -> Result<(Vec<Message>, Vec<i64>), StoreError> {
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
        let doubtful = rows.iter().filter(|row| row.doubtful);
        let doubtful = doubtful.map(|row| row.seq).collect();
        let messages = rows.into_iter().rev().map(message_from);
        Ok((messages.collect::<Result<_, _>>()?, doubtful))
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
        let which = called(&["$3"], &["$3"]);
        self.one(&which, vec![channel.0.into(), key.into()]).await
    }

    /// The handoffs of a conversation, newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn handoffs(&self, id: ConversationId) -> Result<Vec<HandoffRow>, StoreError> {
        self.tenant.handoffs().of_conversation(id).await
    }
}
