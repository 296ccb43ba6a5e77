//! Claims whose worker is dead, and claims of a worker that cannot show that it lives.

use super::{Store, StoreError, sql};
use domain::outbound::{Lane, Wakeup};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

impl Store {
    /// Who holds claims at this moment, by the names they gave.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn claimants(&self) -> Result<Vec<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            claimed_by: String,
        }
        let db = &self.read;
        let text = "select distinct claimed_by from outbox
            where state = 'pending' and claimed_until > NOW and claimed_by is not null";
        let rows = Row::find_by_statement(self.timed(db, text, []))
            .all(db)
            .await?;
        Ok(rows.into_iter().map(|row| row.claimed_by).collect())
    }

    /// Lets the claims of these dead run out; answers the lanes that are free again. What they
    /// were sending may have arrived, so the next try looks first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn free_claims_of(&self, dead: &[String]) -> Result<Vec<Wakeup>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
            conversation_id: Uuid,
            lane: i16,
        }
        if dead.is_empty() {
            return Ok(Vec::new());
        }
        let db = &self.write;
        let places: Vec<String> = (1..=dead.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "update outbox set claimed_until = NOW where state = 'pending' and claimed_until > NOW
                and claimed_by in ({}) returning tenant_id, conversation_id, lane",
            places.join(", ")
        );
        let names = dead.iter().map(|name| Value::from(name.as_str()));
        let rows = Row::find_by_statement(self.timed(db, &text, names))
            .all(db)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Wakeup {
                    tenant: row.tenant_id.into(),
                    conversation: row.conversation_id.into(),
                    lane: Lane::from_number(row.lane)
                        .ok_or_else(|| StoreError::corrupt("outbox.lane", row.lane))?,
                })
            })
            .collect()
    }

    /// Takes a living worker's name off its claims when it cannot show that it lives: they are
    /// protected by their time alone. Answers how many.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn unname_claims(&self, claimant: &str) -> Result<u64, StoreError> {
        let db = &self.write;
        let text =
            "update outbox set claimed_by = null where state = 'pending' and claimed_by = $1";
        let done = db.execute_raw(sql(db, text, [claimant.into()])).await?;
        Ok(done.rows_affected())
    }
}
