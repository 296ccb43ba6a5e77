//! The vault: finds a tenant's data key, keeps it open for a while, seals and opens with it.

use super::data_key::DataKey;
use super::keyring::MasterKeys;
use super::store::{DataKeyError, DataKeys};
use async_trait::async_trait;
use domain::ids::TenantId;
use domain::ports::{Vault, VaultError};
use domain::secret::{SealContext, Sealed};
use moka::future::Cache;
use std::sync::Arc;
use std::time::Duration;

/// At most this many data keys are open at once.
const OPEN_KEYS: u64 = 4_096;

/// How long a data key that is not used stays open.
const OPEN_FOR: Duration = Duration::from_secs(600);

/// What [`EnvelopeVault::rewrap`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrap {
    /// Wrapped under the active master key now.
    Done,
    /// It was already.
    Current,
    /// The tenant has no key yet.
    NoKey,
}

/// The vault over a table of data keys.
pub struct EnvelopeVault {
    masters: Arc<MasterKeys>,
    table: Arc<dyn DataKeys>,
    open: Cache<TenantId, Arc<DataKey>>,
}

fn unreachable_table(error: DataKeyError) -> VaultError {
    VaultError::Store(error.0)
}

impl EnvelopeVault {
    /// A vault under `masters` whose data keys lie in `table`.
    #[must_use]
    pub fn new(masters: Arc<MasterKeys>, table: Arc<dyn DataKeys>) -> Self {
        Self {
            masters,
            table,
            open: Cache::builder()
                .max_capacity(OPEN_KEYS)
                .time_to_idle(OPEN_FOR)
                .build(),
        }
    }

    /// Wraps the tenant's data key under the active master key. Sealed values stay as they are.
    ///
    /// # Errors
    /// [`VaultError`]; [`VaultError::Store`] also when another process was quicker.
    pub async fn rewrap(&self, tenant: TenantId) -> Result<Rewrap, VaultError> {
        let stored = self.table.load(tenant).await.map_err(unreachable_table)?;
        let Some(old) = stored else {
            return Ok(Rewrap::NoKey);
        };
        if old.master == self.masters.active_id() {
            return Ok(Rewrap::Current);
        }
        let key = DataKey::unwrap(&self.masters, tenant, &old)?;
        let new = key.wrap(&self.masters, tenant)?;
        let replaced = self.table.replace(tenant, &old, new).await;
        if replaced.map_err(unreachable_table)? {
            Ok(Rewrap::Done)
        } else {
            Err(VaultError::Store(
                "the data key was replaced meanwhile".to_owned(),
            ))
        }
    }

    /// The tenant's data key; made when it has none and `make` is set. Callers that come at
    /// once wait for one look-up.
    async fn key(&self, tenant: TenantId, make: bool) -> Result<Arc<DataKey>, VaultError> {
        self.open
            .try_get_with(tenant, async {
                let stored = self.table.load(tenant).await.map_err(unreachable_table)?;
                let wrapped = match stored {
                    Some(wrapped) => wrapped,
                    None if make => {
                        let new = DataKey::generate()?.wrap(&self.masters, tenant)?;
                        // Another process may have been quicker: the stored one counts.
                        let kept = self.table.insert_if_absent(tenant, new).await;
                        kept.map_err(unreachable_table)?
                    }
                    None => return Err(VaultError::Refused),
                };
                DataKey::unwrap(&self.masters, tenant, &wrapped).map(Arc::new)
            })
            .await
            .map_err(|error: Arc<VaultError>| (*error).clone())
    }
}

#[async_trait]
impl Vault for EnvelopeVault {
    async fn seal(&self, context: SealContext<'_>, plain: &[u8]) -> Result<Sealed, VaultError> {
        self.key(context.tenant, true).await?.seal(context, plain)
    }

    async fn open(&self, context: SealContext<'_>, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        let key = self.key(context.tenant, false).await?;
        if key.sealed(sealed) {
            return key.open(context, sealed);
        }
        // The table may have been restored from a backup under our feet: look once more.
        self.open.invalidate(&context.tenant).await;
        let key = self.key(context.tenant, false).await?;
        key.open(context, sealed)
    }

    async fn prepare(&self, tenant: TenantId) -> Result<(), VaultError> {
        self.key(tenant, true).await.map(drop)
    }
}
