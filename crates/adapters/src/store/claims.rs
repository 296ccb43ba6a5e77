//! Taking work from the outbox. Only the oldest unfinished row of a lane can be taken, so any
//! number of workers keeps the order.

use super::entity::outbox;
use super::{Store, StoreError, TenantStore, many, ms, sql};
use domain::ids::{ConversationId, OutboxId};
use domain::outbound::{Claim, Lane, Wakeup};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Value};
use std::collections::HashMap;
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

/// A claim that ran out without a result belongs to a worker that died in the middle: its
/// request may have arrived, so the next try looks first. `$2` is our own time, since what is
/// measured from it began by our own time.
const CLAIM: &str = "update outbox set claimed_until = NOW + $1, claimed_by = $3,
        claim_token = claim_token + 1, first_try_at = coalesce(first_try_at, $2),
        attempts = attempts + (case when claimed_until is null then 0 else 1 end),
        ambiguous = (ambiguous or claimed_until is not null)
    where id FREE
    returning id, tenant_id, conversation_id, lane, task, message_id, state, attempts, ambiguous,
        progress, next_at, claimed_until, claimed_by, claim_token, error, code, created_at,
        first_try_at, ended_at";

/// Those oldest rows of the lanes asked for that may be taken now. The rows are known by their ids;
/// what else is asked of them is said so that it leads to no index: of waiting rows there are now none
/// and now a hundred thousand, and whatever the database last saw is wrong of the other.
const FREE: &str = "select o.id from outbox o where o.id HEADS
      and o.state || '' = 'pending' and o.next_at + 0 <= NOW
      and (o.claimed_until is null or o.claimed_until <= NOW)
      and not exists (select 1 from terms t
        where t.tenant_id = o.tenant_id and t.suspended_at is not null)";

/// The oldest unfinished row of every lane asked for.
const HEADS: &str = "select (select i.id from outbox i where i.tenant_id = w.tenant
        and i.conversation_id = w.conversation and i.lane = w.lane and i.state = 'pending'
        order by i.id limit 1) from lanes w";

/// The most lanes that one statement names.
const AT_ONCE: usize = 128;

/// When a row that seems to be free is looked at again.
const SOON: Duration = Duration::from_millis(20);

/// How long a worker leaves a suspended tenant's lane alone. The sweep finds it sooner when the
/// suspension is lifted.
const SUSPENDED: Duration = Duration::from_secs(60);

/// The code of a row that was not tried, since its connection is down.
pub const WAITS_FOR_CONNECTION: &str = "connection";

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
        let claims = self.store.claim_all(&[lane], &hold.into()).await;
        claims.into_iter().next().unwrap_or(Err(ClaimError::Empty))
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
    /// Takes the oldest unfinished row of each of these lanes, whoever's they are, and answers in
    /// their order. One commit for all of them.
    pub async fn claim_all(&self, lanes: &[Wakeup], hold: &Hold) -> Vec<Result<Claim, ClaimError>> {
        let mut all = Vec::with_capacity(lanes.len());
        for lanes in lanes.chunks(AT_ONCE) {
            match self.claim_some(lanes, hold).await {
                Ok(claims) => all.extend(claims),
                Err(error) => all.extend(lanes.iter().map(|_| Err(error.clone().into()))),
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

    /// Is the head of one of the lanes. As an array each is looked up by its id, whatever the database
    /// believes of the table.
    fn heads(&self) -> String {
        match self.is_postgres() {
            true => format!("= any(array({HEADS}))"),
            false => format!("in ({HEADS})"),
        }
    }

    /// The rows that `select` finds, and nobody else changes right now. To wait for one with others
    /// in hand could tie a knot.
    fn freely(&self, select: &str) -> String {
        match self.is_postgres() {
            true => format!("= any(array({select} for update of o skip locked))"),
            false => format!("in ({select})"),
        }
    }

    async fn claim_some(
        &self,
        lanes: &[Wakeup],
        hold: &Hold,
    ) -> Result<Vec<Result<Claim, ClaimError>>, StoreError> {
        let db = &self.write;
        let now = self.clock.now();
        let first = vec![ms(hold.span).into(), now.0.into(), hold.by.clone().into()];
        let text = CLAIM
            .replace("FREE", &self.freely(FREE))
            .replace("HEADS", &self.heads());
        let (text, values) = named(self.is_postgres(), lanes, first, &text);
        let statement = self.timed(db, &text, values);
        let rows = outbox::Entity::find()
            .from_raw_sql(statement)
            .all(db)
            .await?;
        let mut taken: HashMap<_, _> = rows.into_iter().map(|row| (place(&row), row)).collect();
        let mut claims = Vec::with_capacity(lanes.len());
        for lane in lanes {
            // What is taken is taken, whatever becomes of the others.
            claims.push(match taken.remove(&named_place(lane)) {
                Some(row) => Some(self.read_claim(row, now).await),
                None => None,
            });
        }
        let left: Vec<Wakeup> = lanes
            .iter()
            .zip(&claims)
            .filter_map(|(lane, claim)| claim.is_none().then_some(*lane))
            .collect();
        let mut why = match left.is_empty() {
            true => Ok(HashMap::new()),
            false => self.why_not(&left, now).await,
        };
        let mut why_not = |lane| match &mut why {
            Ok(why) => why.remove(&named_place(lane)).unwrap_or(ClaimError::Empty),
            Err(error) => error.clone().into(),
        };
        let answers = lanes.iter().zip(claims);
        let answers = answers.map(|(lane, claim)| claim.unwrap_or_else(|| Err(why_not(lane))));
        Ok(answers.collect())
    }

    async fn read_claim(&self, row: outbox::Model, now: Timestamp) -> Result<Claim, ClaimError> {
        let (id, token, message) = (row.id, row.claim_token, row.message_id);
        let tenant = self.tenant(row.tenant_id.into());
        match claim_from(row) {
            Err(error @ StoreError::Corrupt { .. }) => {
                tenant.quarantine(id, token, message, &error).await?;
                // The next one of the lane may go at once.
                Err(ClaimError::NotBefore(now))
            }
            read => Ok(read?),
        }
    }

    /// What the lanes wait for whose head could not be taken; those that are empty are not among it.
    async fn why_not(
        &self,
        lanes: &[Wakeup],
        now: Timestamp,
    ) -> Result<HashMap<Place, ClaimError>, StoreError> {
        #[derive(FromQueryResult)]
        struct Head {
            tenant_id: Uuid,
            conversation_id: Uuid,
            lane: i16,
            due_in: i64,
            free_in: i64,
            suspended_at: Option<i64>,
        }
        let db = &self.read;
        let text = "select h.tenant_id, h.conversation_id, h.lane, h.next_at - NOW as due_in,
                coalesce(h.claimed_until, 0) - NOW as free_in,
                (select t.suspended_at from terms t where t.tenant_id = h.tenant_id) as suspended_at
            from outbox h where h.id HEADS";
        let (text, values) = named(
            self.is_postgres(),
            lanes,
            Vec::new(),
            &text.replace("HEADS", &self.heads()),
        );
        let heads = Head::find_by_statement(self.timed(db, &text, values))
            .all(db)
            .await?;
        let reasons = heads.into_iter().map(|head| {
            let until = if head.suspended_at.is_some() {
                now.after(SUSPENDED)
            } else {
                // It may have become free between the two queries, or somebody changes it right now.
                let wait = u64::try_from(head.due_in.max(head.free_in)).unwrap_or(0);
                now.after(Duration::from_millis(wait).max(SOON))
            };
            let place = (head.tenant_id, head.conversation_id, head.lane);
            (place, ClaimError::NotBefore(until))
        });
        Ok(reasons.collect())
    }
}

/// Tenant, conversation, lane.
type Place = (Uuid, Uuid, i16);

fn place(row: &outbox::Model) -> Place {
    (row.tenant_id, row.conversation_id, row.lane)
}

fn named_place(lane: &Wakeup) -> Place {
    (lane.tenant.0, lane.conversation.0, lane.lane.number())
}

/// The statement with the lanes behind `before`.
fn named(postgres: bool, lanes: &[Wakeup], before: Vec<Value>, text: &str) -> (String, Vec<Value>) {
    let lanes = lanes.iter().map(|lane| {
        let (tenant, conversation, lane) = named_place(lane);
        vec![tenant.into(), conversation.into(), lane.into()]
    });
    let (rows, values) = many::set(postgres, before, &lanes.collect::<Vec<_>>());
    let text = format!("with lanes(tenant, conversation, lane) as ({rows}) {text}");
    (text, values)
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
