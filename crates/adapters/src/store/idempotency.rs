//! Requests that carry an idempotency key: each is carried out once, and its answer kept.

use super::entity::idempotency;
use super::{StoreError, TenantStore, ms, sql};
use sea_orm::{ConnectionTrait, EntityTrait, Value};
use std::time::Duration;

/// A request that is still «being worked on» after this long was lost with its process, and may
/// be carried out by whoever repeats it.
const LOST_AFTER: Duration = Duration::from_secs(60);

/// While a request is worked on, its status is this.
const IN_PROGRESS: i64 = 0;

/// Idempotency keys of a tenant.
pub struct Idempotency {
    pub(crate) tenant: TenantStore,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Nothing: carry the request out, then [`Idempotency::finish`] or [`Idempotency::release`].
    Taken,
    /// It was carried out; its answer.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The body.
        response: String,
    },
    /// Somebody is carrying it out.
    InProgress,
    /// The key belongs to another request.
    Other,
}

impl TenantStore {
    /// Idempotency keys.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        Idempotency {
            tenant: self.clone(),
        }
    }
}

impl Idempotency {
    /// Takes a key for a request, named by a hash of all that makes it what it is.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn take(&self, key: &str, request: &[u8]) -> Result<Slot, StoreError> {
        let db = &self.tenant.store.write;
        let text = "insert into idempotency (tenant_id, key, request, status, response, created_at)
            values ($1, $2, $3, $4, '', NOW) on conflict (tenant_id, key) do nothing";
        let values: [Value; 4] = [
            self.tenant.id.0.into(),
            key.into(),
            request.to_vec().into(),
            IN_PROGRESS.into(),
        ];
        let taken = db
            .execute_raw(self.tenant.store.timed(db, text, values))
            .await?;
        if taken.rows_affected() == 1 {
            return Ok(Slot::Taken);
        }
        let row = idempotency::Entity::find_by_id((self.tenant.id.0, key.to_owned()))
            .one(db)
            .await?;
        let Some(row) = row else {
            // Released a moment ago.
            return Ok(Slot::InProgress);
        };
        if row.request != request {
            return Ok(Slot::Other);
        }
        if row.status != IN_PROGRESS {
            return Ok(Slot::Answered {
                status: u16::try_from(row.status).unwrap_or(500),
                response: row.response,
            });
        }
        let text = "update idempotency set created_at = NOW
            where tenant_id = $1 and key = $2 and status = 0 and created_at <= NOW - $3";
        let values: [Value; 3] = [self.tenant.id.0.into(), key.into(), ms(LOST_AFTER).into()];
        let inherited = db
            .execute_raw(self.tenant.store.timed(db, text, values))
            .await?;
        Ok(if inherited.rows_affected() == 1 {
            Slot::Taken
        } else {
            Slot::InProgress
        })
    }

    /// Keeps the answer.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn finish(&self, key: &str, status: u16, response: &str) -> Result<(), StoreError> {
        let db = &self.tenant.store.write;
        let text =
            "update idempotency set status = $3, response = $4 where tenant_id = $1 and key = $2";
        let values: [Value; 4] = [
            self.tenant.id.0.into(),
            key.into(),
            i64::from(status).into(),
            response.into(),
        ];
        db.execute_raw(sql(db, text, values)).await?;
        Ok(())
    }

    /// Gives the key back: nothing was done.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn release(&self, key: &str) -> Result<(), StoreError> {
        let db = &self.tenant.store.write;
        let text = "delete from idempotency where tenant_id = $1 and key = $2 and status = 0";
        db.execute_raw(sql(db, text, [self.tenant.id.0.into(), key.into()]))
            .await?;
        Ok(())
    }
}
