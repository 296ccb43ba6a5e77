//! Whose clock says when work is due and when a claim has run out.
//!
//! Clocks of workers differ. If each judged the claims of the others by its own, one that is ahead
//! would end them while they are used, and a message could go twice. So on PostgreSQL the database
//! judges, within the statement that asks: no worker's clock comes into it. On SQLite there is one
//! process, and its clock is handed in as everywhere else.

use super::{Store, sql};
use sea_orm::{ConnectionTrait, Statement, Value};
use std::time::Duration;

/// Whose clock judges due times and claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkClock {
    /// The database's, where several processes share it; SQLite has none of its own.
    Database,
    /// This process's, for tests that move time.
    Process,
}

/// Milliseconds since 1970 when the statement began: an index can be searched for it, and it does
/// not stand still in a long transaction.
const DATABASE_NOW: &str = "(extract(epoch from statement_timestamp()) * 1000)::bigint";

impl Store {
    /// A statement in which the word `NOW` is the present in milliseconds, by the clock that judges
    /// work. Spans come as values: what was counted by another clock does not mix with it.
    pub(crate) fn timed(
        &self,
        db: &impl ConnectionTrait,
        text: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Statement {
        if !text.contains("NOW") {
            return sql(db, text, values);
        }
        if self.judge == WorkClock::Database && self.is_postgres() {
            return sql(db, &text.replace("NOW", DATABASE_NOW), values);
        }
        let mut values: Vec<Value> = values.into_iter().collect();
        values.push(self.clock.now().0.into());
        let place = format!("${}", values.len());
        sql(db, &text.replace("NOW", &place), values)
    }
}

/// A span as statements count it.
pub(crate) fn ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
