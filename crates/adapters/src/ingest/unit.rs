//! One transaction's worth of work: what is written, and what is told to others after the commit.

use super::config::Configs;
use super::told::{Came, Told};
use crate::store::{Store, StoreError, ms};
use domain::ids::{ConversationId, RuleId, TenantId};
use domain::metrics::Counted;
use domain::outbound::{Task, Wakeup};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, ExecResult, FromQueryResult, Value};
use std::collections::{HashMap, HashSet};
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
#[derive(Debug, Default)]
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
        Ok(
            T::find_by_statement(self.store.timed(self.tx, text, values))
                .all(self.tx)
                .await?,
        )
    }

    /// Puts work into the outbox and wakes its lane after the commit.
    pub(crate) async fn enqueue(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        task: &Task,
    ) -> Result<(), StoreError> {
        let document =
            serde_json::to_string(task).map_err(|e| StoreError::corrupt("outbox.task", e))?;
        let lane = task.lane();
        let text = "insert into outbox (tenant_id, conversation_id, lane, task, message_id, next_at, created_at)
            values ($1, $2, $3, $4, $5, NOW - $6, $7)";
        let values = [
            tenant.0.into(),
            conversation.0.into(),
            lane.number().into(),
            document.into(),
            task.message().map(|m| m.0).into(),
            ms(AT_ONCE).into(),
            self.now.0.into(),
        ];
        self.run(text, values).await?;
        self.after.wake.insert(Wakeup {
            tenant,
            conversation,
            lane,
        });
        Ok(())
    }
}
