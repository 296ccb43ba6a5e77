//! After a restore from a backup.

use super::{Store, StoreError, sql};
use sea_orm::{ConnectionTrait, Value};

impl Store {
    /// Puts everything that waits in doubt: since the backup was made it may have gone out, so its
    /// next try looks first. Answers how many rows.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn doubt_what_waits(&self) -> Result<u64, StoreError> {
        let db = &self.write;
        let text = "update outbox set ambiguous = true, claimed_until = null, claimed_by = null
            where state = 'pending'";
        let done = db.execute_raw(sql(db, text, Vec::<Value>::new())).await?;
        Ok(done.rows_affected())
    }
}
