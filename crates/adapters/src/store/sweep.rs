//! Finding again what the queue forgot, and clearing away what is no longer needed. These are
//! the only queries over all tenants.

use super::{Store, StoreError, sql};
use domain::handoff::TimerKind;
use domain::ids::{ConversationId, TenantId};
use domain::outbound::{Lane, Wakeup};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

/// A timer that rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueTimer {
    /// Owner.
    pub tenant: TenantId,
    /// The thread.
    pub conversation: ConversationId,
    /// Which.
    pub kind: TimerKind,
    /// The epoch it was set with.
    pub epoch: u32,
}

impl Store {
    /// Lanes whose oldest due row nobody works on, at most `most`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn due_lanes(&self, most: u64) -> Result<Vec<Wakeup>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
            conversation_id: Uuid,
            lane: i16,
        }
        // One look into its lane for each row, and no join: however many the database believes to
        // wait. Heads only: behind a desk that is down lie thousands of due rows that cannot be taken,
        // and must not use the limit up before anybody else's turn comes.
        let text = "select o.tenant_id, o.conversation_id, o.lane from outbox o
            where o.state = 'pending' and o.next_at <= NOW
              and (o.claimed_until is null or o.claimed_until <= NOW)
              and o.id = (select h.id from outbox h where h.tenant_id = o.tenant_id
                and h.conversation_id = o.conversation_id and h.lane = o.lane
                and h.state = 'pending' order by h.id limit 1)
              and not exists (select 1 from terms t where t.tenant_id = o.tenant_id
                and t.suspended_at is not null)
            order by o.next_at limit $1";
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let statement = self.timed(&self.read, text, [limit.into()]);
        let rows = Row::find_by_statement(statement).all(&self.read).await?;
        // A lane or a timer of a newer version is left to that one; the rest goes on.
        let due = rows.into_iter().filter_map(|row| {
            let lane = Lane::from_number(row.lane);
            if lane.is_none() {
                tracing::error!(lane = row.lane, "work in an unknown lane is left lying");
            }
            Some(Wakeup {
                tenant: row.tenant_id.into(),
                conversation: row.conversation_id.into(),
                lane: lane?,
            })
        });
        Ok(due.collect())
    }

    /// Timers that ring by now, oldest first, at most `most`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn due_timers(&self, most: u64) -> Result<Vec<DueTimer>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
            conversation_id: Uuid,
            kind: String,
            epoch: i64,
        }
        let text = "select tenant_id, conversation_id, kind, epoch from timers
            where due_at <= $1 order by due_at limit $2";
        let now = self.clock.now().0;
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let statement = sql(&self.read, text, [now.into(), limit.into()]);
        let rows = Row::find_by_statement(statement).all(&self.read).await?;
        let due = rows.into_iter().filter_map(|row| {
            let kind = TimerKind::from_name(&row.kind);
            if kind.is_none() {
                tracing::error!(kind = row.kind, "an unknown timer is left alone");
            }
            Some(DueTimer {
                tenant: row.tenant_id.into(),
                conversation: row.conversation_id.into(),
                kind: kind?,
                epoch: u32::try_from(row.epoch).unwrap_or(0),
            })
        });
        Ok(due.collect())
    }

    /// Removes finished work, raw webhooks and realtime events older than `before`, and browser
    /// sessions that ran out. What a bot has still to get is kept.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn clear(&self, before: Timestamp) -> Result<u64, StoreError> {
        let now = self.clock.now().0;
        let mut removed = 0;
        let old = [
            "delete from outbox where state in ('done', 'discarded') and ended_at < $1",
            "delete from webhooks where received_at < $1 and not exists (
                select 1 from outbox o where o.tenant_id = webhooks.tenant_id and o.state = 'pending'
                and o.lane = 2)",
            "delete from realtime_events where received_at < $1",
            "delete from idempotency where created_at < $1",
            "delete from parked_updates where at < $1",
            "delete from tokens where expires_at < $1",
            "delete from mails where state in ('sent', 'dead') and ended_at < $1",
            "delete from throttle where full_at < $1",
        ];
        for text in old {
            let done = self
                .write
                .execute_raw(sql(&self.write, text, [before.0.into()]))
                .await?;
            removed += done.rows_affected();
        }
        let text = "delete from sessions where expires_at < $1";
        removed += self
            .write
            .execute_raw(sql(&self.write, text, [now.into()]))
            .await?
            .rows_affected();
        let text = "delete from logins where last_seen_at < $1";
        let oldest = self.clock.now().before(super::LOGIN_LASTS);
        removed += self
            .write
            .execute_raw(sql(&self.write, text, [oldest.0.into()]))
            .await?
            .rows_affected();
        removed += self.clear_unproven(before).await?;
        Ok(removed)
    }
}
