//! The brake on guessing, shared by all web processes: one row per key, one statement per try.
//!
//! The row holds the instant at which the allowance is full again. A try moves it by the time
//! that one try costs; it is refused when that would lie further ahead than the whole allowance
//! (the generic cell rate algorithm).

use super::{Store, StoreError, sql};
use sea_orm::ConnectionTrait;
use std::time::Duration;

/// How many tries are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// At once.
    pub burst: u32,
    /// How long it takes until one more is.
    pub every: Duration,
}

impl Store {
    /// Counts one more try under `key`; `false` if it is one too many, which is not counted.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn throttle_take(
        &self,
        key: &[u8],
        allowance: Allowance,
    ) -> Result<bool, StoreError> {
        let text = "insert into throttle (key, full_at)
            values ($1, cast($2 as bigint) + cast($3 as bigint))
            on conflict (key) do update set full_at = cast($3 as bigint)
                + case when throttle.full_at > $2 then throttle.full_at else $2 end
            where cast($3 as bigint) - $2
                + case when throttle.full_at > $2 then throttle.full_at else $2 end <= $4";
        let cost = i64::try_from(allowance.every.as_millis()).unwrap_or(i64::MAX);
        let whole = cost.saturating_mul(i64::from(allowance.burst));
        let values = [
            key.to_vec().into(),
            self.clock.now().0.into(),
            cost.into(),
            whole.into(),
        ];
        let done = self
            .write
            .execute_raw(sql(&self.write, text, values))
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Gives the whole allowance back, after a try that was right.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn throttle_forgive(&self, key: &[u8]) -> Result<(), StoreError> {
        let text = "delete from throttle where key = $1";
        self.write
            .execute_raw(sql(&self.write, text, [key.to_vec().into()]))
            .await?;
        Ok(())
    }
}
