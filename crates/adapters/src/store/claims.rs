//! Taking work from the outbox. Only the oldest unfinished row of a lane can be taken, so any
//! number of workers keeps the order.

use super::entity::outbox;
use super::turn::{Turn, named};
use super::{Errand, Store, StoreError, TenantStore, sql};
use domain::ids::{ConversationId, OutboxId};
use domain::outbound::{Claim, Lane, Wakeup};
use domain::time::Timestamp;
use sea_orm::ConnectionTrait;
use std::time::Duration;
use uuid::Uuid;

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

/// The most lanes that one statement names.
const AT_ONCE: usize = 128;

/// The code of a row that was not tried, since its connection is down.
pub const WAITS_FOR_CONNECTION: &str = "connection";

/// What came of a turn.
#[derive(Debug)]
pub struct Turned {
    /// Whether the row that was carried out is marked. If it is not, its result is still to be handed
    /// in: the claim may be lost, or the database away.
    pub marked: bool,
    /// The row that was taken, or why there is none.
    pub next: Result<Taken, ClaimError>,
}

/// A row that was taken.
#[derive(Debug)]
pub struct Taken {
    /// The row.
    pub claim: Claim,
    /// What carrying it out begins with, where it was read along; otherwise it is to be asked for
    /// ([`TenantStore::errand`]).
    pub errand: Option<Errand>,
}

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
        let lane = Wakeup {
            tenant: self.id,
            conversation,
            lane,
        };
        let turn = Turn { lane, done: None };
        let turned = self.store.turn_all(&[turn], &hold.into()).await;
        let next = turned.into_iter().next().map(|turned| turned.next);
        next.map_or(Err(ClaimError::Empty), |next| Ok(next?.claim))
    }

    /// Puts a row aside that this version cannot read, so that the ones behind it can go. Its
    /// message says so; the row itself is kept as it is.
    async fn quarantine(
        &self,
        id: i64,
        token: i64,
        message: Option<Uuid>,
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
}

impl Store {
    /// Marks what these lanes have carried out, takes the oldest unfinished row of each, whoever's they
    /// are, and answers in their order. One commit for all of them.
    pub async fn turn_all(&self, turns: &[Turn], hold: &Hold) -> Vec<Turned> {
        let mut all = Vec::with_capacity(turns.len());
        for turns in turns.chunks(AT_ONCE) {
            match self.turns(turns, hold).await {
                Ok(found) => {
                    for found in found {
                        // What is taken is taken, whatever becomes of the others.
                        let next = match found.next {
                            Ok((row, errand)) => {
                                let claim = self.read_claim(row).await;
                                claim.map(|claim| Taken { claim, errand })
                            }
                            Err(why) => Err(why),
                        };
                        let marked = found.marked;
                        all.push(Turned { marked, next });
                    }
                }
                Err(error) => all.extend(turns.iter().map(|_| Turned {
                    marked: false,
                    next: Err(error.clone().into()),
                })),
            }
        }
        all
    }

    /// Ends the wait of the oldest row of each of these lanes, whoever's they are, if it waits for its
    /// connection ([`WAITS_FOR_CONNECTION`]) and for nothing else. One that somebody changes right now,
    /// or works on, is left alone.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn due_at_once(&self, lanes: &[Wakeup]) -> Result<(), StoreError> {
        let db = &self.write;
        let waits = "select o.id from outbox o where o.id HEADS and o.state || '' = 'pending'
            and o.code = 'connection' and o.next_at + 0 > NOW and o.claimed_until is null";
        for lanes in lanes.chunks(AT_ONCE) {
            let text = format!(
                "update outbox set next_at = NOW where id {}",
                self.freely(waits)
            );
            let (text, values) = named(
                self.is_postgres(),
                lanes,
                Vec::new(),
                &text.replace("HEADS", &self.heads()),
            );
            db.execute_raw(self.timed(db, &text, values)).await?;
        }
        Ok(())
    }

    async fn read_claim(&self, row: outbox::Model) -> Result<Claim, ClaimError> {
        let (id, token, message) = (row.id, row.claim_token, row.message_id);
        let tenant = self.tenant(row.tenant_id.into());
        match claim_from(row) {
            Err(error @ StoreError::Corrupt { .. }) => {
                tenant.quarantine(id, token, message, &error).await?;
                // The next one of the lane may go at once.
                Err(ClaimError::NotBefore(self.clock.now()))
            }
            read => Ok(read?),
        }
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
