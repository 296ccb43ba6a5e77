//! What was recorded, page by page, to try rules on it.

use super::entity::{channels, contacts, conversations, handoffs, messages};
use super::rows::{contact_from, message_from};
use super::{StoreError, TenantStore};
use domain::channel::ChannelKind;
use domain::ids::ConversationId;
use domain::routing::{Past, PastHandoff};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// What was recorded.
pub struct Pasts {
    pub(crate) tenant: TenantStore,
}

/// Where a page ends: the next one is strictly older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastCursor {
    /// The last conversation's last message.
    pub at: Timestamp,
    /// The last conversation.
    pub id: ConversationId,
}

impl Pasts {
    /// The conversations in which something was said since `from`, the latest first, with their
    /// last `messages` messages each (oldest first, also those before `from`: counters begin
    /// there), and where the page ends; `None` after the last one.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn page(
        &self,
        from: Timestamp,
        before: Option<PastCursor>,
        conversations: u64,
        messages: u64,
    ) -> Result<(Vec<Past>, Option<PastCursor>), StoreError> {
        use conversations::Column;
        let db = &self.tenant.store.read;
        let tenant = self.tenant.id.0;
        let mut query = conversations::Entity::find()
            .filter(Column::TenantId.eq(tenant))
            .filter(Column::LastMessageAt.gte(from.0));
        if let Some(cursor) = before {
            let same = Condition::all()
                .add(Column::LastMessageAt.eq(cursor.at.0))
                .add(Column::Id.lt(cursor.id.0));
            let older = Condition::any().add(Column::LastMessageAt.lt(cursor.at.0));
            query = query.filter(older.add(same));
        }
        let rows = query
            .order_by_desc(Column::LastMessageAt)
            .order_by_desc(Column::Id)
            .limit(conversations)
            .all(db)
            .await?;
        let end = rows.last().map(|row| PastCursor {
            at: Timestamp(row.last_message_at),
            id: ConversationId(row.id),
        });
        let people: Vec<_> = rows.iter().map(|r| r.contact_id).collect();
        let mut people: HashMap<_, _> = contacts::Entity::find()
            .filter(contacts::Column::TenantId.eq(tenant))
            .filter(contacts::Column::Id.is_in(people))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let lines: HashMap<_, _> = channels::Entity::find()
            .filter(channels::Column::TenantId.eq(tenant))
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.id, row.kind))
            .collect();
        let mut episodes = self.episodes(&rows).await?;
        let mut pasts = Vec::with_capacity(rows.len());
        for row in rows {
            let kind = lines.get(&row.channel_id);
            let (Some(contact), Some(kind)) = (
                people.remove(&row.contact_id),
                kind.and_then(|kind| ChannelKind::from_name(kind)),
            ) else {
                continue;
            };
            pasts.push(Past {
                conversation: ConversationId(row.id),
                channel: kind,
                profile: contact_from(contact, None)?.profile,
                messages: self.said(row.id, messages).await?,
                handoffs: episodes.remove(&row.id).unwrap_or_default(),
            });
        }
        Ok((pasts, end))
    }

    async fn said(
        &self,
        conversation: uuid::Uuid,
        limit: u64,
    ) -> Result<Vec<domain::message::Message>, StoreError> {
        let rows = messages::Entity::find()
            .filter(messages::Column::TenantId.eq(self.tenant.id.0))
            .filter(messages::Column::ConversationId.eq(conversation))
            .order_by_desc(messages::Column::Seq)
            .limit(limit)
            .all(&self.tenant.store.read)
            .await?;
        rows.into_iter().rev().map(message_from).collect()
    }

    async fn episodes(
        &self,
        rows: &[conversations::Model],
    ) -> Result<HashMap<uuid::Uuid, Vec<PastHandoff>>, StoreError> {
        let wanted: Vec<_> = rows.iter().map(|r| r.id).collect();
        let stored = handoffs::Entity::find()
            .filter(handoffs::Column::TenantId.eq(self.tenant.id.0))
            .filter(handoffs::Column::ConversationId.is_in(wanted))
            .order_by_asc(handoffs::Column::RequestedAt)
            .all(&self.tenant.store.read)
            .await?;
        let mut episodes: HashMap<_, Vec<PastHandoff>> = HashMap::new();
        for row in stored {
            let handoff = PastHandoff {
                requested_at: Timestamp(row.requested_at),
                ended_at: row.ended_at.map(Timestamp),
            };
            episodes
                .entry(row.conversation_id)
                .or_default()
                .push(handoff);
        }
        Ok(episodes)
    }
}
