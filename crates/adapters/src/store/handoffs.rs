//! Handoffs, for reading.

use super::entity::handoffs;
use super::{StoreError, TenantStore, sql};
use domain::handoff::{AgentRef, EndReason, HandoffOptions, HandoffReason};
use domain::ids::{ChannelId, ContactId, ConversationId, HandoffId, MessageId, RuleId};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

/// Handoffs of a tenant.
pub struct Handoffs {
    pub(crate) tenant: TenantStore,
}

/// One episode of human control.
#[derive(Clone, Debug, PartialEq)]
pub struct HandoffRow {
    /// Identity.
    pub id: HandoffId,
    /// The thread.
    pub conversation: ConversationId,
    /// The line.
    pub channel: ChannelId,
    /// Who writes in.
    pub contact: ContactId,
    /// Why it began.
    pub reason: HandoffReason,
    /// The rule that asked.
    pub rule: Option<RuleId>,
    /// How it is opened.
    pub options: HandoffOptions,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The number of the last message of the opening transcript.
    pub requested_seq: i64,
    /// When Let's Talk opened it.
    pub opened_at: Option<Timestamp>,
    /// Let's Talk's conversation id.
    pub desk_conversation: Option<i64>,
    /// When an agent joined or spoke first.
    pub accepted_at: Option<Timestamp>,
    /// Who.
    pub agent: Option<AgentRef>,
    /// The first human word.
    pub first_human_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// The contact's rating, 1 to 5.
    pub rating: Option<i64>,
}

impl Handoffs {
    /// One handoff.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn get(&self, id: HandoffId) -> Result<HandoffRow, StoreError> {
        let row = handoffs::Entity::find_by_id((self.tenant.id.0, id.0))
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        handoff_from(row)
    }

    /// The message with which a handoff was asked for: the last one of its opening transcript.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn asked_with(&self, id: HandoffId) -> Result<Option<MessageId>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: uuid::Uuid,
        }
        let db = &self.tenant.store.read;
        let text = "select m.id from handoffs h join messages m on m.tenant_id = h.tenant_id
                and m.conversation_id = h.conversation_id and m.seq = h.requested_seq
            where h.tenant_id = $1 and h.id = $2";
        let values = [self.tenant.id.0.into(), id.0.into()];
        let row = Row::find_by_statement(sql(db, text, values))
            .one(db)
            .await?;
        Ok(row.map(|row| MessageId(row.id)))
    }

    /// The handoffs of a conversation, newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn of_conversation(&self, id: ConversationId) -> Result<Vec<HandoffRow>, StoreError> {
        let rows = handoffs::Entity::find()
            .filter(handoffs::Column::TenantId.eq(self.tenant.id.0))
            .filter(handoffs::Column::ConversationId.eq(id.0))
            .order_by_desc(handoffs::Column::RequestedAt)
            .limit(200)
            .all(&self.tenant.store.read)
            .await?;
        rows.into_iter().map(handoff_from).collect()
    }
}

pub(crate) fn handoff_from(row: handoffs::Model) -> Result<HandoffRow, StoreError> {
    let end_reason = match row.end_reason {
        None => None,
        Some(name) => Some(
            EndReason::from_name(&name)
                .ok_or_else(|| StoreError::corrupt("handoffs.end_reason", name))?,
        ),
    };
    Ok(HandoffRow {
        id: HandoffId(row.id),
        conversation: ConversationId(row.conversation_id),
        channel: ChannelId(row.channel_id),
        contact: ContactId(row.contact_id),
        reason: HandoffReason::from_name(&row.reason)
            .ok_or_else(|| StoreError::corrupt("handoffs.reason", row.reason))?,
        rule: row.rule_id.map(RuleId),
        options: serde_json::from_str(&row.options)
            .map_err(|e| StoreError::corrupt("handoffs.options", e))?,
        requested_at: Timestamp(row.requested_at),
        requested_seq: row.requested_seq,
        opened_at: row.opened_at.map(Timestamp),
        desk_conversation: row.desk_conversation,
        accepted_at: row.accepted_at.map(Timestamp),
        agent: row.agent_id.map(|id| AgentRef {
            id,
            name: row.agent_name,
        }),
        first_human_at: row.first_human_at.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
        end_reason,
        rating: row.rating,
    })
}
