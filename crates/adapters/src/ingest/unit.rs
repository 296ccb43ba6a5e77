//! One transaction's worth of work: its statements, and what is told to others after the commit.

use super::config::Configs;
use super::parts::Progress;
use super::shelf::Shelf;
use super::stream::Streams;
use super::told::{Came, Told};
use super::write::{Table, Unwritten};
use crate::store::{Store, StoreError, many};
use domain::ids::{ConversationId, HandoffId, RuleId, TenantId};
use domain::metrics::Counted;
use domain::outbound::{Task, Wakeup};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, ExecResult, FromQueryResult, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a unit's statements run in.
#[derive(Clone, Copy)]
pub(crate) enum Hold<'a> {
    /// A transaction, in which conversations are locked before they are looked at.
    Locks(&'a DatabaseTransaction),
    /// Nothing: what lies ready is all that is known, and whoever asks for more needs locks
    /// ([`super::unlocked`]).
    Nothing,
}

/// One transaction's worth of work.
pub(crate) struct Unit<'a> {
    pub(crate) hold: Hold<'a>,
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
    /// What was told of parts of messages, written at the end or before somebody looks.
    pub(super) progress: Progress,
    /// What became of realtime events, by their channel and their place on it.
    pub(super) became: BTreeMap<(TenantId, String, String), &'static str>,
    /// What is kept of streams by whoever holds no locks.
    pub(super) streams: Streams,
    /// How far each handoff was read at the desk: the last message's id there.
    pub(crate) reached: BTreeMap<(TenantId, HandoffId), i64>,
}

impl<'a> Unit<'a> {
    /// The transaction.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is none.
    pub(crate) fn tx(&self) -> Result<&'a DatabaseTransaction, StoreError> {
        match self.hold {
            Hold::Locks(tx) => Ok(tx),
            Hold::Nothing => Err(StoreError::Stale),
        }
    }

    /// Runs a statement; `NOW` in it is told by the clock that judges work.
    pub(crate) async fn run(
        &self,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<ExecResult, StoreError> {
        let tx = self.tx()?;
        self.write_what(text).await?;
        if text.contains("deliveries") {
            self.after.shelf.forget_parts();
        }
        Ok(tx.execute_raw(self.store.timed(tx, text, values)).await?)
    }

    /// Reads at most one row.
    pub(crate) async fn one<T: FromQueryResult>(
        &self,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, StoreError> {
        let tx = self.tx()?;
        self.write_what(text).await?;
        let statement = self.store.timed(tx, text, values);
        Ok(T::find_by_statement(statement).one(tx).await?)
    }

    /// Reads rows.
    pub(crate) async fn all<T: FromQueryResult>(
        &self,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, StoreError> {
        let tx = self.tx()?;
        self.write_what(text).await?;
        let statement = self.store.timed(tx, text, values);
        Ok(T::find_by_statement(statement).all(tx).await?)
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

    /// Reads at most one row, whatever was left unwritten.
    pub(super) async fn look<T: FromQueryResult>(
        &self,
        text: &str,
        values: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        let tx = self.tx()?;
        let statement = self.store.timed(tx, text, values);
        Ok(T::find_by_statement(statement).one(tx).await?)
    }
}
