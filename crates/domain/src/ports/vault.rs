//! Sealing what must not be read from the database.

use crate::ids::TenantId;
use crate::secret::{SealContext, Sealed};
use async_trait::async_trait;

/// Why a value could not be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The master key it was sealed under is not configured.
    #[error("master key {0} is not configured")]
    UnknownKey(String),
    /// Damaged, or moved from another tenant, row or column.
    #[error("sealed value does not open here")]
    Refused,
    /// The tenant's key could not be read or written: try again.
    #[error("key store: {0}")]
    Store(String),
}

/// Seals under a tenant's own key, which is wrapped by the master key.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Seals `plain`, bound to `context`.
    ///
    /// # Errors
    /// [`VaultError::Store`], [`VaultError::UnknownKey`].
    async fn seal(&self, context: SealContext<'_>, plain: &[u8]) -> Result<Sealed, VaultError>;

    /// Opens what was sealed with the same `context`.
    ///
    /// # Errors
    /// [`VaultError`].
    async fn open(&self, context: SealContext<'_>, sealed: &Sealed) -> Result<Vec<u8>, VaultError>;

    /// Makes sure that the tenant has a key.
    ///
    /// # Errors
    /// [`VaultError::Store`].
    async fn prepare(&self, tenant: TenantId) -> Result<(), VaultError>;
}
