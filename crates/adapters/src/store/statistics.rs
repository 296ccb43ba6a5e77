//! What PostgreSQL believes of its tables, while they grow.
//!
//! It looks at its tables once a minute. A table that was empty a moment ago and holds thousands of rows
//! now is read by the wrong index until then: all rows of a tenant, for each row that is wanted.

use super::{Store, StoreError, sql};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// Tables with fewer changes are read well by any plan.
const FEW: i64 = 500;

impl Store {
    /// Has PostgreSQL look at the tables that have more than doubled since it last did; answers how
    /// many there were. SQLite's plans do not depend on it.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn look_at_growth(&self) -> Result<usize, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            name: String,
        }
        if !self.is_postgres() {
            return Ok(0);
        }
        let db = &self.write;
        let text = "select quote_ident(s.relname) as name from pg_stat_user_tables s
            join pg_class c on c.oid = s.relid
            where s.schemaname = current_schema() and s.n_mod_since_analyze > $1
                and s.n_mod_since_analyze > c.reltuples";
        let grown = Row::find_by_statement(sql(db, text, [FEW.into()]))
            .all(db)
            .await?;
        for table in &grown {
            // Whoever else looks at it right now spares us the work.
            let text = format!("analyze (skip_locked) {}", table.name);
            db.execute_unprepared(&text).await?;
        }
        Ok(grown.len())
    }
}
