//! Where the wrapped data keys lie.

use async_trait::async_trait;
use domain::ids::TenantId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A tenant's data key as it is stored; useless without the master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Id of the master key it is wrapped under.
    pub master: String,
    /// 73 bytes, see the [module](super).
    pub wrapped: Vec<u8>,
}

/// The table of data keys could not be read or written: try again. The text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DataKeyError(pub String);

/// The table of data keys: one row per tenant, never deleted while the tenant exists.
#[async_trait]
pub trait DataKeys: Send + Sync {
    /// The tenant's key, if it has one.
    ///
    /// # Errors
    /// [`DataKeyError`].
    async fn load(&self, tenant: TenantId) -> Result<Option<WrappedKey>, DataKeyError>;

    /// Stores `key` unless the tenant has one, and answers with the one that is stored now:
    /// of two processes that come at once, both get the winner's.
    ///
    /// # Errors
    /// [`DataKeyError`].
    async fn insert_if_absent(
        &self,
        tenant: TenantId,
        key: WrappedKey,
    ) -> Result<WrappedKey, DataKeyError>;

    /// Replaces `old` by `new`; `false` if the stored one is not `old` any more.
    ///
    /// # Errors
    /// [`DataKeyError`].
    async fn replace(
        &self,
        tenant: TenantId,
        old: &WrappedKey,
        new: WrappedKey,
    ) -> Result<bool, DataKeyError>;
}

/// Data keys in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryDataKeys {
    keys: Mutex<HashMap<TenantId, WrappedKey>>,
}

impl MemoryDataKeys {
    fn keys(&self) -> MutexGuard<'_, HashMap<TenantId, WrappedKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl DataKeys for MemoryDataKeys {
    async fn load(&self, tenant: TenantId) -> Result<Option<WrappedKey>, DataKeyError> {
        Ok(self.keys().get(&tenant).cloned())
    }

    async fn insert_if_absent(
        &self,
        tenant: TenantId,
        key: WrappedKey,
    ) -> Result<WrappedKey, DataKeyError> {
        Ok(self.keys().entry(tenant).or_insert(key).clone())
    }

    async fn replace(
        &self,
        tenant: TenantId,
        old: &WrappedKey,
        new: WrappedKey,
    ) -> Result<bool, DataKeyError> {
        let mut keys = self.keys();
        match keys.get_mut(&tenant) {
            Some(stored) if stored == old => {
                *stored = new;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}
