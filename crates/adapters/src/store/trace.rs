//! The way of one message through the house, as far as it was recorded: three statements, all by
//! the message's id.

use super::{Conversations, StoreError, sql};
use domain::ids::{MessageId, OutboxId, RuleId};
use domain::message::DeliveryStatus;
use domain::outbound::Task;
use domain::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use serde::Deserialize;
use uuid::Uuid;

/// The way of one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// How it came beside the channel: PubNub's channel and timetoken.
    pub origin: Option<String>,
    /// The rule that decided about it, with its name now; none where it was removed.
    pub rule: Option<(RuleId, Option<String>)>,
    /// What the rule decided: the reason of a handoff, `answer` or `ignore`.
    pub decided: Option<String>,
    /// The platform cannot tell whether an earlier try arrived too.
    pub doubtful: bool,
    /// What had to be done with it, in the order of writing.
    pub work: Vec<Work>,
    /// How far each of its parts got.
    pub parts: Vec<TracePart>,
}

/// One row of outbound work.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// The row.
    pub id: OutboxId,
    /// What was to be done.
    pub task: Task,
    /// `pending`, `done`, `dead`, `discarded`.
    pub state: String,
    /// When it was written: in the transaction that stored the message, or a later one.
    pub queued_at: Timestamp,
    /// When a worker first took it.
    pub first_try_at: Option<Timestamp>,
    /// When it is tried again, while it waits.
    pub next_at: Timestamp,
    /// When it was done or given up.
    pub ended_at: Option<Timestamp>,
    /// The tries that failed, oldest first; the log ends after some dozens.
    pub tries: Vec<FailedTry>,
}

/// A try that failed, in the other side's words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FailedTry {
    /// When it ended.
    pub at: Timestamp,
    /// The other side's words.
    pub error: String,
    /// The other side's code.
    #[serde(default)]
    pub code: Option<String>,
    /// Whether it may have arrived all the same.
    #[serde(default)]
    pub ambiguous: bool,
}

/// How far one part got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracePart {
    /// Its number, from 0.
    pub number: i64,
    /// Our identity, known before the first try.
    pub identity: Uuid,
    /// The platform's id.
    pub external_id: Option<String>,
    /// How far.
    pub status: DeliveryStatus,
    /// The platform took it.
    pub sent_at: Option<Timestamp>,
    /// It was on the recipient's device; heard by us at this instant.
    pub delivered_at: Option<Timestamp>,
    /// It was read; heard by us at this instant.
    pub read_at: Option<Timestamp>,
    /// The platform said that it failed.
    pub failed_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct MessageRow {
    origin: Option<String>,
    rule_id: Option<Uuid>,
    rule_found: Option<String>,
    rule: Option<String>,
    doubtful: bool,
}

#[derive(FromQueryResult)]
struct WorkRow {
    id: i64,
    task: String,
    state: String,
    created_at: i64,
    first_try_at: Option<i64>,
    next_at: i64,
    ended_at: Option<i64>,
    tries: String,
}

#[derive(FromQueryResult)]
struct PartRow {
    part: i64,
    identity: Uuid,
    external_id: Option<String>,
    status: String,
    sent_at: Option<i64>,
    delivered_at: Option<i64>,
    read_at: Option<i64>,
    failed_at: Option<i64>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Conversations {
    /// The way of one message.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn trace(&self, id: MessageId) -> Result<Trace, StoreError> {
        let text = "select m.origin, m.rule_id, m.rule_found, m.doubtful, r.rule from messages m
            left join rules r on r.tenant_id = m.tenant_id and r.id = m.rule_id
            where m.tenant_id = $1 and m.id = $2";
        let message: MessageRow = self
            .by_message(text, id)
            .await?
            .pop()
            .ok_or(StoreError::NotFound)?;
        let text =
            "select id, task, state, created_at, first_try_at, next_at, ended_at, tries from outbox
            where tenant_id = $1 and message_id = $2 order by id";
        let work: Vec<WorkRow> = self.by_message(text, id).await?;
        let text =
            "select part, identity, external_id, status, sent_at, delivered_at, read_at, failed_at
            from deliveries where tenant_id = $1 and message_id = $2 order by part";
        let parts: Vec<PartRow> = self.by_message(text, id).await?;
        let name = |rule: Option<String>| {
            let named: Option<Named> = rule.and_then(|r| serde_json::from_str(&r).ok());
            named.map(|n| n.name)
        };
        Ok(Trace {
            origin: message.origin,
            rule: message.rule_id.map(|id| (RuleId(id), name(message.rule))),
            decided: message.rule_found,
            doubtful: message.doubtful,
            work: work.into_iter().map(work_from).collect::<Result<_, _>>()?,
            parts: parts.into_iter().map(part_from).collect(),
        })
    }

    async fn by_message<T: FromQueryResult>(
        &self,
        text: &str,
        id: MessageId,
    ) -> Result<Vec<T>, StoreError> {
        let db = &self.tenant.store.read;
        let values: [Value; 2] = [self.tenant.id.0.into(), id.0.into()];
        Ok(T::find_by_statement(sql(db, text, values)).all(db).await?)
    }
}

fn work_from(row: WorkRow) -> Result<Work, StoreError> {
    let tries = row.tries.lines();
    Ok(Work {
        id: OutboxId(row.id),
        task: serde_json::from_str(&row.task).map_err(|e| StoreError::corrupt("outbox.task", e))?,
        state: row.state,
        queued_at: Timestamp(row.created_at),
        first_try_at: row.first_try_at.map(Timestamp),
        next_at: Timestamp(row.next_at),
        ended_at: row.ended_at.map(Timestamp),
        tries: tries
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect(),
    })
}

fn part_from(row: PartRow) -> TracePart {
    TracePart {
        number: row.part,
        identity: row.identity,
        external_id: row.external_id,
        status: DeliveryStatus::from_name(&row.status).unwrap_or_default(),
        sent_at: row.sent_at.map(Timestamp),
        delivered_at: row.delivered_at.map(Timestamp),
        read_at: row.read_at.map(Timestamp),
        failed_at: row.failed_at.map(Timestamp),
    }
}
