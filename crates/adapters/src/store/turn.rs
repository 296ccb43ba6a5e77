//! Between two rows of a lane: the one that was carried out is marked, the oldest one behind it taken,
//! and what carrying that out begins with is read. Lanes that come at the same time share the statement
//! and its commit.

use super::claims::{ClaimError, Hold};
use super::entity::outbox;
use super::errand::{self, columns};
use super::{Errand, Store, StoreError, many, ms, sql};
use domain::ids::{MessageId, OutboxId};
use domain::outbound::Wakeup;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, QueryResult, Value};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use std::time::Duration;
use uuid::Uuid;

/// A lane that goes on to its next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The lane.
    pub lane: Wakeup,
    /// Its row that was carried out, if there is one.
    pub done: Option<DoneRow>,
}

/// A row that was carried out and leaves nothing to keep but that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoneRow {
    /// The row.
    pub id: OutboxId,
    /// The token of its claim.
    pub token: i64,
    /// The message that the desk has taken with it.
    pub posted: Option<MessageId>,
}

/// What the database says to a turn.
pub(super) struct Found {
    /// Whether the row that was carried out is marked.
    pub(super) marked: bool,
    /// The row that was taken, with its errand where that was read along; or why there is none.
    pub(super) next: Result<(outbox::Model, Option<Errand>), ClaimError>,
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

/// The whole of it for PostgreSQL. It waits for no row that somebody else changes right now: what
/// cannot be marked at once is answered so, and its result goes the long way; it is not claimed here
/// once more. A row that is marked here still looks unfinished to the rest of the statement, so it is
/// left out by its id.
///
/// Rows are claimed as they are, errands read as they were when the statement began: an earlier try may
/// have left its receipts in between. So only what is claimed for the first time has its errand here.
const ALL: &str = "with lanes(n, tenant, conversation, lane, done, token, posted)
        as materialized (LISTED),
    ended as materialized (select o.id from outbox o where o.id = any(array(select done from lanes))
        and (o.id, o.claim_token) in (select done, token from lanes) and o.state || '' = 'pending'
        for update of o skip locked),
    heard as materialized (select m.id from lanes w
        join messages m on m.tenant_id = w.tenant and m.id = w.posted
        for update of m skip locked),
    marked as (update outbox set state = 'done', ended_at = $2 where id = any(array(
            select e.id from ended e join lanes w on w.done = e.id
            where w.posted is null or w.posted in (select id from heard)))
        returning id),
    told as (update messages set status = 'sent', failure = null from lanes w, marked d
        where d.id = w.done and messages.tenant_id = w.tenant and messages.id = w.posted),
    heads as materialized (select w.n, h.id, h.next_at, h.claimed_until from lanes w
        cross join lateral (select i.id, i.next_at, i.claimed_until from outbox i
            where i.tenant_id = w.tenant and i.conversation_id = w.conversation
              and i.lane = w.lane and i.state = 'pending' and i.id not in (select id from marked)
            order by i.id limit 1) h),
    claimed as (CLAIM),
    asked(n, tenant, conversation, handoff, message) as (
        select h.n, c.tenant_id, c.conversation_id, HANDOFF, c.message_id
        from claimed c join heads h on h.id = c.id where c.claim_token = 1),
    errands as (ERRANDS)
    select w.n, exists(select 1 from marked d where d.id = w.done) as marked, h.id as head,
        h.next_at - NOW as due_in, coalesce(h.claimed_until, 0) - NOW as free_in,
        (select t.suspended_at from terms t where t.tenant_id = w.tenant) as suspended_at, COLUMNS, e.*
    from lanes w left join heads h on h.n = w.n left join claimed c on c.id = h.id
    left join errands e on e.asked = w.n";

/// The handoff that a task names. By its form, not as JSON: a task that cannot be read must not fail
/// everybody's statement.
const HANDOFF: &str =
    "cast(substring(c.task from '\"handoff\":\"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\"')
    as uuid)";

/// [`ALL`], put together but for the lanes.
static TURN: LazyLock<String> = LazyLock::new(|| {
    ALL.replace("CLAIM", CLAIM)
        .replace("FREE", &freely(true, FREE))
        .replace(
            "HEADS",
            "= any(array(select id from heads except select done from lanes))",
        )
        .replace("HANDOFF", HANDOFF)
        .replace("ERRANDS", &errand::told(true))
        .replace("COLUMNS", &columns::<outbox::Column>("c"))
});

/// When a row that seems to be free is looked at again.
const SOON: Duration = Duration::from_millis(20);

/// How long a worker leaves a suspended tenant's lane alone. The sweep finds it sooner when the
/// suspension is lifted.
const SUSPENDED: Duration = Duration::from_secs(60);

/// What the oldest unfinished row of a lane waits for.
#[derive(FromQueryResult)]
struct Wait {
    due_in: i64,
    free_in: i64,
    suspended_at: Option<i64>,
}

impl Wait {
    fn until(&self, now: Timestamp) -> ClaimError {
        ClaimError::NotBefore(if self.suspended_at.is_some() {
            now.after(SUSPENDED)
        } else {
            // It may have become free meanwhile, or somebody changes it right now.
            let wait = u64::try_from(self.due_in.max(self.free_in)).unwrap_or(0);
            now.after(Duration::from_millis(wait).max(SOON))
        })
    }
}

impl Store {
    /// Carries out turns, whoever's they are, and answers in their order.
    pub(super) async fn turns(
        &self,
        turns: &[Turn],
        hold: &Hold,
    ) -> Result<Vec<Found>, StoreError> {
        match self.is_postgres() {
            true => self.turns_at_once(turns, hold).await,
            false => self.turns_step_by_step(turns, hold).await,
        }
    }

    async fn turns_at_once(&self, turns: &[Turn], hold: &Hold) -> Result<Vec<Found>, StoreError> {
        let (db, now) = (&self.write, self.clock.now());
        let rows = (0_i64..).zip(turns).map(|(n, turn)| {
            let (tenant, conversation, lane) = place_of(&turn.lane);
            let done = turn.done;
            vec![
                n.into(),
                tenant.into(),
                conversation.into(),
                lane.into(),
                done.map(|row| row.id.0).into(),
                done.map(|row| row.token).into(),
                done.and_then(|row| row.posted).map(|id| id.0).into(),
            ]
        });
        let first = vec![ms(hold.span).into(), now.0.into(), hold.by.clone().into()];
        let (listed, values) = many::set(true, first, &rows.collect::<Vec<_>>());
        let text = TURN.replace("LISTED", &listed);
        let statement = self.timed(db, &text, values);
        let mut found: HashMap<i64, Found> = HashMap::with_capacity(turns.len());
        let mut given = HashSet::with_capacity(turns.len());
        for row in db.query_all_raw(statement).await? {
            let (n, mut answer) = answer(&row, now)?;
            // Who asks twice gets it once.
            if let Ok((claimed, _)) = &answer.next
                && !given.insert(claimed.id)
            {
                answer.next = Err(ClaimError::NotBefore(now.after(SOON)));
            }
            found.insert(n, answer);
        }
        let answers = (0_i64..).zip(turns).map(|(n, _)| {
            let missing = || StoreError::corrupt("lanes", "a lane was not answered");
            found.remove(&n).ok_or_else(missing)
        });
        answers.collect()
    }

    async fn turns_step_by_step(
        &self,
        turns: &[Turn],
        hold: &Hold,
    ) -> Result<Vec<Found>, StoreError> {
        let now = self.clock.now();
        let lanes: Vec<Wakeup> = turns.iter().map(|turn| turn.lane).collect();
        let done = turns.iter().filter_map(|turn| Some((turn, turn.done?)));
        let done: Vec<(&Turn, DoneRow)> = done.collect();
        let (marked, mut taken) = if done.is_empty() {
            (HashSet::new(), self.take(&self.write, &lanes, hold).await?)
        } else {
            let tx = self.begin().await?;
            let marked = self.mark(&tx, &done).await?;
            let taken = self.take(&tx, &lanes, hold).await?;
            tx.commit().await?;
            (marked, taken)
        };
        let left = lanes
            .iter()
            .filter(|lane| !taken.contains_key(&place_of(lane)));
        // What is taken is taken, whatever becomes of the others.
        let mut waits = self.waits(&left.copied().collect::<Vec<_>>()).await;
        let found = turns.iter().map(|turn| {
            let place = place_of(&turn.lane);
            Found {
                marked: turn.done.is_some_and(|row| marked.contains(&row.id.0)),
                next: match taken.remove(&place) {
                    Some(row) => Ok((row, None)),
                    None => Err(match &mut waits {
                        Ok(waits) => match waits.remove(&place) {
                            Some(wait) => wait.until(now),
                            None => ClaimError::Empty,
                        },
                        Err(error) => error.clone().into(),
                    }),
                },
            }
        });
        Ok(found.collect())
    }

    /// Marks what was carried out. A claim that was lost meanwhile is left alone.
    async fn mark(
        &self,
        tx: &impl ConnectionTrait,
        done: &[(&Turn, DoneRow)],
    ) -> Result<HashSet<i64>, StoreError> {
        #[derive(FromQueryResult)]
        struct Marked {
            id: i64,
        }
        let rows = done
            .iter()
            .map(|(_, row)| vec![row.id.0.into(), row.token.into()]);
        let first = vec![self.clock.now().0.into()];
        let (listed, values) = many::set(false, first, &rows.collect::<Vec<_>>());
        let text = format!(
            "with lanes(done, token) as ({listed})
            update outbox set state = 'done', ended_at = $1
            where id in (select done from lanes) and state || '' = 'pending'
              and (id, claim_token) in (select done, token from lanes)
            returning id"
        );
        let marked = Marked::find_by_statement(sql(tx, &text, values))
            .all(tx)
            .await?;
        let marked: HashSet<i64> = marked.into_iter().map(|row| row.id).collect();
        let posted = done.iter().filter(|(_, row)| marked.contains(&row.id.0));
        let posted = posted
            .filter_map(|(turn, row)| Some(vec![turn.lane.tenant.0.into(), row.posted?.0.into()]));
        let posted: Vec<Vec<Value>> = posted.collect();
        if !posted.is_empty() {
            let (listed, values) = many::set(false, Vec::new(), &posted);
            let text = format!(
                "update messages set status = 'sent', failure = null
                where (tenant_id, id) in ({listed})"
            );
            tx.execute_raw(sql(tx, &text, values)).await?;
        }
        Ok(marked)
    }

    async fn take(
        &self,
        db: &impl ConnectionTrait,
        lanes: &[Wakeup],
        hold: &Hold,
    ) -> Result<HashMap<Place, outbox::Model>, StoreError> {
        let now = self.clock.now().0;
        let first = vec![ms(hold.span).into(), now.into(), hold.by.clone().into()];
        let text = CLAIM
            .replace("FREE", &self.freely(FREE))
            .replace("HEADS", &self.heads());
        let (text, values) = named(self.is_postgres(), lanes, first, &text);
        let statement = self.timed(db, &text, values);
        let rows = outbox::Entity::find()
            .from_raw_sql(statement)
            .all(db)
            .await?;
        let taken = rows.into_iter();
        let taken = taken.map(|row| ((row.tenant_id, row.conversation_id, row.lane), row));
        Ok(taken.collect())
    }

    /// What the lanes wait for whose head could not be taken; those that are empty are not among it.
    async fn waits(&self, lanes: &[Wakeup]) -> Result<HashMap<Place, Wait>, StoreError> {
        if lanes.is_empty() {
            return Ok(HashMap::new());
        }
        #[derive(FromQueryResult)]
        struct Where {
            tenant_id: Uuid,
            conversation_id: Uuid,
            lane: i16,
        }
        let db = &self.read;
        let text = "select h.tenant_id, h.conversation_id, h.lane, h.next_at - NOW as due_in,
                coalesce(h.claimed_until, 0) - NOW as free_in,
                (select t.suspended_at from terms t where t.tenant_id = h.tenant_id) as suspended_at
            from outbox h where h.id HEADS";
        let text = text.replace("HEADS", &self.heads());
        let (text, values) = named(self.is_postgres(), lanes, Vec::new(), &text);
        let heads = db.query_all_raw(self.timed(db, &text, values)).await?;
        let waits = heads.iter().map(|head| {
            let at = Where::from_query_result(head, "")?;
            let place = (at.tenant_id, at.conversation_id, at.lane);
            Ok((place, Wait::from_query_result(head, "")?))
        });
        waits.collect()
    }

    /// Is the head of one of the lanes. As an array each is looked up by its id, whatever the database
    /// believes of the table.
    pub(super) fn heads(&self) -> String {
        match self.is_postgres() {
            true => format!("= any(array({HEADS}))"),
            false => format!("in ({HEADS})"),
        }
    }

    /// See [`freely`].
    pub(super) fn freely(&self, select: &str) -> String {
        freely(self.is_postgres(), select)
    }
}

/// The rows that `select` finds, and nobody else changes right now. To wait for one with others in hand
/// could tie a knot.
fn freely(postgres: bool, select: &str) -> String {
    match postgres {
        true => format!("= any(array({select} for update of o skip locked))"),
        false => format!("in ({select})"),
    }
}

/// One row of the statement for all: which turn it answers, and how.
fn answer(row: &QueryResult, now: Timestamp) -> Result<(i64, Found), StoreError> {
    #[derive(FromQueryResult)]
    struct Head {
        n: i64,
        marked: bool,
        head: Option<i64>,
    }
    let Head { n, marked, head } = Head::from_query_result(row, "")?;
    let claimed: Option<i64> = row.try_get("c_", "id")?;
    let next = match (head, claimed) {
        (_, Some(_)) => {
            let claimed = outbox::Model::from_query_result(row, "c_")?;
            let asked: Option<i64> = row.try_get("", "asked")?;
            // One that cannot be read is read again by whoever needs it, and told of there.
            let errand = asked.and_then(|_| errand::read(row).ok());
            Ok((claimed, errand))
        }
        (Some(_), None) => Err(Wait::from_query_result(row, "")?.until(now)),
        (None, None) => Err(ClaimError::Empty),
    };
    Ok((n, Found { marked, next }))
}

/// Tenant, conversation, lane.
type Place = (Uuid, Uuid, i16);

fn place_of(lane: &Wakeup) -> Place {
    (lane.tenant.0, lane.conversation.0, lane.lane.number())
}

/// The statement with the lanes behind `before`.
pub(super) fn named(
    postgres: bool,
    lanes: &[Wakeup],
    before: Vec<Value>,
    text: &str,
) -> (String, Vec<Value>) {
    let lanes = lanes.iter().map(|lane| {
        let (tenant, conversation, lane) = place_of(lane);
        vec![tenant.into(), conversation.into(), lane.into()]
    });
    let (rows, values) = many::set(postgres, before, &lanes.collect::<Vec<_>>());
    let text = format!("with lanes(tenant, conversation, lane) as ({rows}) {text}");
    (text, values)
}
