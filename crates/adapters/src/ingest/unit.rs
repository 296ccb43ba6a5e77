//! One transaction's worth of work: what is written, and what is told to others after the commit.

use super::config::Configs;
use super::shelf::Shelf;
use super::told::{Came, Told};
use crate::store::{Store, StoreError, many, ms};
use domain::ids::{ConversationId, HandoffId, RuleId, TenantId};
use domain::metrics::Counted;
use domain::outbound::{Task, Wakeup};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, ExecResult, FromQueryResult, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One transaction's worth of work.
pub(crate) struct Unit<'a> {
    pub(crate) tx: &'a DatabaseTransaction,
    pub(crate) store: &'a Store,
    pub(crate) configs: &'a Configs,
    pub(crate) now: Timestamp,
    pub(crate) after: &'a mut AfterCommit,
    /// How the submission came, while traces are kept.
    pub(crate) came: Option<Came>,
}

/// What is told to others once the transaction is committed.
#[derive(Default)]
pub(crate) struct AfterCommit {
    pub(crate) wake: HashSet<Wakeup>,
    pub(crate) wake_at: Vec<(Wakeup, Timestamp)>,
    pub(crate) changed: HashSet<(TenantId, ConversationId)>,
    /// Rules that decided, to be counted at the end so that their rows are locked briefly.
    pub(crate) matched: Vec<(TenantId, RuleId)>,
    /// What is counted; appended at the end, so that repeated counts of one commit are one row.
    pub(crate) counted: HashMap<Counted, i64>,
    /// For the traces of the messages; empty while none are kept.
    pub(crate) told: Vec<Told>,
    /// Rows that nobody has looked at yet.
    pub(crate) unwritten: Unwritten,
    /// What was read and is to be written for all submissions together.
    pub(super) shelf: Shelf,
    /// How far each handoff was read at the desk: the last message's id there.
    pub(crate) reached: BTreeMap<(TenantId, HandoffId), i64>,
}

/// Rows of a transaction that are written together: at its end, or before a statement that looks at
/// their table.
#[derive(Debug, Default)]
pub(crate) struct Unwritten {
    webhooks: Mutex<Vec<Vec<Value>>>,
    outbox: Mutex<Vec<Vec<Value>>>,
    messages: Mutex<Vec<Vec<Value>>>,
    deliveries: Mutex<Vec<Vec<Value>>>,
}

/// The most rows that one statement writes.
const ROWS: usize = 64;

impl Unwritten {
    fn add(&self, table: Table, row: Vec<Value>) {
        self.rows(table).push(row);
    }

    fn rows(&self, table: Table) -> MutexGuard<'_, Vec<Vec<Value>>> {
        let rows = match table {
            Table::Webhooks => &self.webhooks,
            Table::Outbox => &self.outbox,
            Table::Messages => &self.messages,
            Table::Deliveries => &self.deliveries,
        };
        rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A table whose rows are written together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    /// Webhooks as they came.
    Webhooks,
    /// Outbound work.
    Outbox,
    /// Messages that nobody has stored yet.
    Messages,
    /// Parts of messages that are about to be sent.
    Deliveries,
}

impl Table {
    const ALL: [Self; 4] = [
        Self::Webhooks,
        Self::Outbox,
        Self::Messages,
        Self::Deliveries,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Webhooks => "webhooks",
            Self::Outbox => "outbox",
            Self::Messages => "messages",
            Self::Deliveries => "deliveries",
        }
    }

    fn columns(self) -> &'static str {
        match self {
            Self::Webhooks => "tenant_id, id, channel_id, headers, body, unsupported, received_at",
            // The rows' own order is that of their ids, by which a lane is worked off.
            Self::Outbox => {
                "tenant_id, conversation_id, lane, task, message_id, created_at, next_at"
            }
            Self::Messages => {
                "tenant_id, id, channel_id, conversation_id, seq, author, author_name, content,
                dedupe_key, external_id, reply_to, status, handoff_id, sent_at, received_at, words,
                origin"
            }
            Self::Deliveries => {
                "tenant_id, message_id, part, channel_id, conversation_id, identity, status, at"
            }
        }
    }

    /// What becomes of a row that is there already. A message that was taken for new and is not makes
    /// the transaction fail: the submissions are then carried out one by one.
    fn again(self) -> &'static str {
        match self {
            Self::Webhooks | Self::Outbox | Self::Messages => "",
            Self::Deliveries => " on conflict (tenant_id, message_id, part) do nothing",
        }
    }
}

/// New work is due so long ago already: a clock that is put back must not make it wait.
const AT_ONCE: Duration = Duration::from_secs(2 * 3600);

impl Unit<'_> {
    /// Runs a statement; `NOW` in it is told by the clock that judges work.
    pub(crate) async fn run(
        &self,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<ExecResult, StoreError> {
        self.write_what(text).await?;
        Ok(self
            .tx
            .execute_raw(self.store.timed(self.tx, text, values))
            .await?)
    }

    /// Reads at most one row.
    pub(crate) async fn one<T: FromQueryResult>(
        &self,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, StoreError> {
        self.write_what(text).await?;
        Ok(
            T::find_by_statement(self.store.timed(self.tx, text, values))
                .one(self.tx)
                .await?,
        )
    }

    /// Reads rows.
    pub(crate) async fn all<T: FromQueryResult>(
        &self,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, StoreError> {
        self.write_what(text).await?;
        Ok(
            T::find_by_statement(self.store.timed(self.tx, text, values))
                .all(self.tx)
                .await?,
        )
    }

    /// Puts work into the outbox and wakes its lane after the commit.
    pub(crate) fn enqueue(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        task: &Task,
    ) -> Result<(), StoreError> {
        let document =
            serde_json::to_string(task).map_err(|e| StoreError::corrupt("outbox.task", e))?;
        let lane = task.lane();
        let row = vec![
            tenant.0.into(),
            conversation.0.into(),
            lane.number().into(),
            document.into(),
            task.message().map(|m| m.0).into(),
            self.now.0.into(),
        ];
        self.later(Table::Outbox, row);
        self.after.wake.insert(Wakeup {
            tenant,
            conversation,
            lane,
        });
        Ok(())
    }

    /// Writes a row together with others of its table.
    pub(crate) fn later(&self, table: Table, row: Vec<Value>) {
        self.after.unwritten.add(table, row);
    }

    /// Writes a message now; `false` if there is one under its key.
    pub(super) async fn write_unless_there(&self, row: Vec<Value>) -> Result<bool, StoreError> {
        let (name, columns) = (Table::Messages.name(), Table::Messages.columns());
        let (listed, values) = many::list(false, &[row]);
        let text = format!(
            "insert into {name} ({columns}) {listed}
            on conflict (tenant_id, channel_id, dedupe_key) do nothing"
        );
        Ok(self.run(&text, values).await?.rows_affected() > 0)
    }

    /// Writes the rows of tables that a statement looks at.
    async fn write_what(&self, text: &str) -> Result<(), StoreError> {
        for table in Table::ALL {
            if text.contains(table.name()) {
                self.write(table).await?;
            }
        }
        match text.contains("conversations") {
            true => self.write_threads().await,
            false => Ok(()),
        }
    }

    /// Reads at most one row, whatever was left unwritten.
    pub(super) async fn look<T: FromQueryResult>(
        &self,
        text: &str,
        values: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        let statement = self.store.timed(self.tx, text, values);
        Ok(T::find_by_statement(statement).one(self.tx).await?)
    }

    /// Writes what is left unwritten.
    pub(crate) async fn write_all(&mut self) -> Result<(), StoreError> {
        for table in Table::ALL {
            self.write(table).await?;
        }
        self.write_threads().await?;
        let reached = std::mem::take(&mut self.after.reached).into_iter();
        let reached = reached
            .map(|((tenant, handoff), id)| vec![tenant.0.into(), handoff.0.into(), id.into()]);
        for rows in reached.collect::<Vec<Vec<Value>>>().chunks(ROWS) {
            let (listed, values) = many::set(self.store.is_postgres(), Vec::new(), rows);
            let text = format!(
                "with reached(tenant, handoff, message) as ({listed})
                update handoffs set last_desk_message = reached.message from reached
                where handoffs.tenant_id = reached.tenant and handoffs.id = reached.handoff
                  and handoffs.last_desk_message < reached.message"
            );
            self.run(&text, values).await?;
        }
        Ok(())
    }

    async fn write(&self, table: Table) -> Result<(), StoreError> {
        let mut rows = std::mem::take(&mut *self.after.unwritten.rows(table));
        if let Table::Outbox = table {
            for (n, row) in (0_i64..).zip(&mut rows) {
                row.insert(0, n.into());
            }
        }
        let postgres = self.store.is_postgres();
        for piece in many::pieces(postgres, &rows, ROWS) {
            let (listed, mut values) = many::list(postgres, piece);
            let (name, columns, again) = (table.name(), table.columns(), table.again());
            let text = match table {
                // In the order in which it was added: a lane is worked off by ids. Due by the clock
                // that judges work.
                Table::Outbox => {
                    values.push(ms(AT_ONCE).into());
                    format!(
                        "with added(n, tenant, conversation, lane, task, message, created) as ({listed})
                        insert into {name} ({columns})
                        select tenant, conversation, lane, task, message, created, NOW - ${}
                        from added order by n",
                        values.len()
                    )
                }
                _ => format!("insert into {name} ({columns}) {listed}{again}"),
            };
            let statement = self.store.timed(self.tx, &text, values);
            self.tx.execute_raw(statement).await?;
        }
        Ok(())
    }
}
