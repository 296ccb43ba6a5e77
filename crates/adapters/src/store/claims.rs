//! Taking work from the outbox. Only the oldest unfinished row of a lane can be taken, so any
//! number of workers keeps the order.

use super::entity::outbox;
use super::{StoreError, TenantStore, ms, sql};
use domain::ids::{ConversationId, OutboxId};
use domain::outbound::{Claim, Lane, Wakeup};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};
use std::time::Duration;

/// Why there is nothing to do in a lane now.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Nothing waits.
    #[error("lane is empty")]
    Empty,
    /// The oldest row waits for its time, or somebody else works on it until then.
    #[error("not before {0:?}")]
    NotBefore(Timestamp),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// For how long a row is taken, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Whoever holds a claim longer loses it.
    pub span: Duration,
    /// The worker, while the others must believe that it lives: once it is dead, they need not wait
    /// for the span. Without a name only time tells.
    pub by: Option<String>,
}

impl From<Duration> for Hold {
    fn from(span: Duration) -> Self {
        Self { span, by: None }
    }
}

/// A claim that ran out without a result belongs to a worker that died in the middle: its
/// request may have arrived, so the next try looks first. `$4` is our own time, since what is
/// measured from it began by our own time.
const CLAIM: &str =
    "update outbox set claimed_until = NOW + $5, claimed_by = $6, claim_token = claim_token + 1,
        first_try_at = coalesce(first_try_at, $4),
        attempts = attempts + (case when claimed_until is null then 0 else 1 end),
        ambiguous = (ambiguous or claimed_until is not null)
    where id = (select id from outbox where tenant_id = $1 and conversation_id = $2 and lane = $3
                and state = 'pending' order by id limit 1)
      and state = 'pending' and next_at <= NOW and (claimed_until is null or claimed_until <= NOW)
      and not exists (select 1 from terms where tenant_id = $1 and suspended_at is not null)
    returning id, tenant_id, conversation_id, lane, task, message_id, state, attempts, ambiguous,
        progress, next_at, claimed_until, claimed_by, claim_token, error, code, created_at,
        first_try_at, ended_at";

/// How long a worker leaves a suspended tenant's lane alone. The sweep finds it sooner when the
/// suspension is lifted.
const SUSPENDED: Duration = Duration::from_secs(60);

impl TenantStore {
    /// Takes the oldest unfinished row of a lane for a while. The result of a claim that was lost
    /// meanwhile is refused as stale.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub async fn claim(
        &self,
        conversation: ConversationId,
        lane: Lane,
        hold: impl Into<Hold>,
    ) -> Result<Claim, ClaimError> {
        let hold = hold.into();
        let db = &self.store.write;
        let now = self.store.clock.now();
        let values = [
            self.id.0.into(),
            conversation.0.into(),
            lane.number().into(),
            now.0.into(),
            ms(hold.span).into(),
            hold.by.into(),
        ];
        let row = outbox::Entity::find()
            .from_raw_sql(self.store.timed(db, CLAIM, values))
            .one(db)
            .await
            .map_err(StoreError::from)?;
        match row {
            Some(row) => {
                let (id, token, message) = (row.id, row.claim_token, row.message_id);
                match claim_from(row) {
                    Err(error @ StoreError::Corrupt { .. }) => {
                        self.quarantine(id, token, message, &error).await?;
                        // The next one of the lane may go at once.
                        Err(ClaimError::NotBefore(now))
                    }
                    read => Ok(read?),
                }
            }
            None => Err(self.why_not(conversation, lane, now).await?),
        }
    }

    /// Puts a row aside that this version cannot read, so that the ones behind it can go. Its
    /// message says so; the row itself is kept as it is.
    async fn quarantine(
        &self,
        id: i64,
        token: i64,
        message: Option<uuid::Uuid>,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        tracing::error!(tenant = %self.id, row = id, %error, "an unreadable row was put aside");
        metrics::counter!("relevo_outbox_quarantined_total").increment(1);
        let why = "the stored row cannot be read";
        let tx = self.store.begin().await?;
        let text =
            "update outbox set state = 'dead', ended_at = $3, error = $4, code = 'unreadable'
            where id = $1 and claim_token = $2 and state = 'pending'";
        let now = self.store.clock.now().0;
        let values = [id.into(), token.into(), now.into(), why.into()];
        let done = tx.execute_raw(sql(&tx, text, values)).await?;
        if let (Some(message), 1) = (message, done.rows_affected()) {
            let text = "update messages set status = 'failed', failure = $3
                where tenant_id = $1 and id = $2 and status = 'accepted'";
            let values = [self.id.0.into(), message.into(), why.into()];
            tx.execute_raw(sql(&tx, text, values)).await?;
            let text = "update conversations set failed = failed + 1 where tenant_id = $1
                and id = (select conversation_id from messages where tenant_id = $1 and id = $2)";
            let values = [self.id.0.into(), message.into()];
            tx.execute_raw(sql(&tx, text, values)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn why_not(
        &self,
        conversation: ConversationId,
        lane: Lane,
        now: Timestamp,
    ) -> Result<ClaimError, StoreError> {
        #[derive(FromQueryResult)]
        struct Head {
            due_in: i64,
            free_in: i64,
            suspended_at: Option<i64>,
        }
        let db = &self.store.read;
        let text = "select next_at - NOW as due_in, coalesce(claimed_until, 0) - NOW as free_in,
                (select suspended_at from terms where tenant_id = $1) as suspended_at from outbox
            where tenant_id = $1 and conversation_id = $2 and lane = $3 and state = 'pending'
            order by id limit 1";
        let values = [
            self.id.0.into(),
            conversation.0.into(),
            lane.number().into(),
        ];
        let head = Head::find_by_statement(self.store.timed(db, text, values))
            .one(db)
            .await?;
        Ok(match head {
            None => ClaimError::Empty,
            Some(head) if head.suspended_at.is_some() => {
                ClaimError::NotBefore(now.after(SUSPENDED))
            }
            // Between the two queries the row may have become free: look again right away.
            Some(head) => {
                let wait = u64::try_from(head.due_in.max(head.free_in)).unwrap_or(0);
                ClaimError::NotBefore(now.after(Duration::from_millis(wait)))
            }
        })
    }
}

fn claim_from(row: outbox::Model) -> Result<Claim, StoreError> {
    let lane =
        Lane::from_number(row.lane).ok_or_else(|| StoreError::corrupt("outbox.lane", row.lane))?;
    Ok(Claim {
        id: OutboxId(row.id),
        wakeup: Wakeup {
            tenant: row.tenant_id.into(),
            conversation: row.conversation_id.into(),
            lane,
        },
        task: serde_json::from_str(&row.task).map_err(|e| StoreError::corrupt("outbox.task", e))?,
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        ambiguous: row.ambiguous,
        progress: serde_json::from_str(&row.progress)
            .map_err(|e| StoreError::corrupt("outbox.progress", e))?,
        created_at: Timestamp(row.created_at),
        first_try_at: Timestamp(row.first_try_at.unwrap_or(row.created_at)),
        token: row.claim_token,
    })
}
