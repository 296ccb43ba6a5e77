//! Which tenants the host suspended. What platforms and Let's Talk bring is stored all the same;
//! bots are refused.

use adapters::store::{Store, StoreError};
use domain::ids::TenantId;
use moka::future::Cache;
use std::time::Duration;

/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(2);

/// Tenants looked up lately.
#[derive(Clone)]
pub struct Suspended(Cache<TenantId, bool>);

impl Default for Suspended {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(20_000).time_to_live(FRESH);
        Self(cache.build())
    }
}

impl Suspended {
    /// Whether a tenant is suspended.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn of(&self, store: &Store, tenant: TenantId) -> Result<bool, StoreError> {
        if let Some(known) = self.0.get(&tenant).await {
            return Ok(known);
        }
        let suspended = store.tenant(tenant).terms().await?.suspended.is_some();
        self.0.insert(tenant, suspended).await;
        Ok(suspended)
    }
}
