//! What PostgreSQL believes of its tables, while they grow.
//!
//! It looks at its tables once a minute. A table that was empty a moment ago and holds thousands of rows
//! now is read by the wrong index until then: all rows of a tenant, for each row that is wanted.

use super::{Store, StoreError, sql};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether tables have grown.
const EVERY: Duration = Duration::from_secs(5);

/// Tables with fewer changes are read well by any plan.
const FEW: i64 = 500;

impl Store {
    /// Keeps the database's plans good while its tables grow, until cancelled. Every process does: a
    /// web whose workers are away must not become slow.
    pub async fn watch_growth(&self, cancel: CancellationToken) {
        while self.is_postgres() && !cancel.is_cancelled() {
            let looked = tokio::select! {
                () = cancel.cancelled() => return,
                looked = self.look_at_growth() => looked,
            };
            match looked {
                Ok(0) => {}
                Ok(tables) => tracing::debug!(tables, "the database looked at grown tables"),
                Err(error) => tracing::debug!(%error, "growth could not be looked at"),
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Has PostgreSQL look at the tables that have more than doubled since it last did; answers how
    /// many there were. SQLite's plans do not depend on it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn look_at_growth(&self) -> Result<usize, StoreError> {
        if !self.is_postgres() {
            return Ok(0);
        }
        let grown = grown(&self.write).await?;
        let mut looked = 0;
        for table in &grown {
            looked += usize::from(self.look_at(table).await?);
        }
        Ok(looked)
    }

    /// Has one table counted, in a transaction of its own: until its end nobody may change the table's
    /// form. `false` if others are at it.
    async fn look_at(&self, table: &str) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct Turn {
            ours: bool,
        }
        let tx = self.begin().await?;
        let text = "select pg_try_advisory_xact_lock(hashtext('relevo: growth')) as ours";
        let turn = Turn::find_by_statement(sql(&tx, text, [])).one(&tx).await?;
        // The next one sees what the first has left.
        if !turn.is_some_and(|turn| turn.ours) || !grown(&tx).await?.iter().any(|it| it == table) {
            return Ok(false);
        }
        let text = format!("analyze (skip_locked) {table}");
        tx.execute_unprepared(&text).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The tables that have more than doubled since they were last counted.
async fn grown(db: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
    }
    let text = "select quote_ident(s.relname) as name from pg_stat_user_tables s
        join pg_class c on c.oid = s.relid
        where s.schemaname = current_schema() and s.n_mod_since_analyze > $1
            and s.n_mod_since_analyze > c.reltuples";
    let rows = Row::find_by_statement(sql(db, text, [FEW.into()]));
    let rows = rows.all(db).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}
