//! Outbound work, as members see it.

use super::entity::outbox;
use super::{StoreError, TenantStore, sql};
use domain::ids::{ConversationId, OutboxId};
use domain::outbound::{Lane, Task};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

/// Outbound work of a tenant.
pub struct OutboxView {
    pub(crate) tenant: TenantStore,
}

/// A row that was given up.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadRow {
    /// The row.
    pub id: OutboxId,
    /// The thread.
    pub conversation: ConversationId,
    /// What was to be done.
    pub task: Task,
    /// How often it was tried.
    pub attempts: i64,
    /// The other side's words.
    pub error: String,
    /// The other side's code.
    pub code: Option<String>,
    /// When it was given up.
    pub died_at: Timestamp,
}

/// How much waits in one lane, over all conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The lane.
    pub lane: Lane,
    /// Rows.
    pub rows: i64,
    /// The oldest row's age begins here.
    pub oldest: Timestamp,
}

impl OutboxView {
    /// Rows given up, newest first, at most 200.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn dead(
        &self,
        conversation: Option<ConversationId>,
    ) -> Result<Vec<DeadRow>, StoreError> {
        let mut query = outbox::Entity::find()
            .filter(outbox::Column::TenantId.eq(self.tenant.id.0))
            .filter(outbox::Column::State.eq("dead"));
        if let Some(conversation) = conversation {
            query = query.filter(outbox::Column::ConversationId.eq(conversation.0));
        }
        let rows = query
            .order_by_desc(outbox::Column::Id)
            .limit(200)
            .all(&self.tenant.store.read)
            .await?;
        // One that cannot be read was put aside; its message tells of it.
        let dead = rows.into_iter().filter_map(|row| {
            Some(DeadRow {
                id: OutboxId(row.id),
                conversation: row.conversation_id.into(),
                task: serde_json::from_str(&row.task).ok()?,
                attempts: row.attempts,
                error: row.error.unwrap_or_default(),
                code: row.code,
                died_at: Timestamp(row.ended_at.unwrap_or(row.created_at)),
            })
        });
        Ok(dead.collect())
    }

    /// What waits, per lane.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            lane: i16,
            number: i64,
            oldest: i64,
        }
        let db = &self.tenant.store.read;
        let text = "select lane, count(*) as number, min(created_at) as oldest from outbox
            where tenant_id = $1 and state = 'pending' group by lane order by lane";
        let rows = Row::find_by_statement(sql(db, text, [self.tenant.id.0.into()]))
            .all(db)
            .await?;
        rows.into_iter()
            .map(|row| {
                let lane = Lane::from_number(row.lane)
                    .ok_or_else(|| StoreError::corrupt("outbox.lane", row.lane))?;
                Ok(Waiting {
                    lane,
                    rows: row.number,
                    oldest: Timestamp(row.oldest),
                })
            })
            .collect()
    }
}
