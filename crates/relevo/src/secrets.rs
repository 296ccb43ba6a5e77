//! The secret with which a tenant's events are signed: made on first use, sealed at rest.

use adapters::standard_webhooks::WebhookSigner;
use adapters::store::Store;
use async_trait::async_trait;
use domain::ids::TenantId;
use domain::ports::Vault;
use domain::secret::{SealContext, Secret};
use std::sync::Arc;

/// The signing secrets of all tenants.
pub struct SealedEventSecrets {
    /// The database.
    pub store: Store,
    /// Seals and opens.
    pub vault: Arc<dyn Vault>,
}

#[async_trait]
impl web::state::EventSecrets for SealedEventSecrets {
    async fn of(&self, tenant: TenantId) -> Result<Secret, String> {
        let context = SealContext {
            tenant,
            column: "tenants.events_secret",
            row: tenant.0,
        };
        let stored = self.store.tenant(tenant);
        if let Some(sealed) = stored.events_secret().await.map_err(|e| e.to_string())? {
            let plain = self
                .vault
                .open(context, &sealed)
                .await
                .map_err(|e| e.to_string())?;
            return Ok(Secret::new(String::from_utf8_lossy(&plain)));
        }
        let secret = WebhookSigner::generate().map_err(|e| e.to_string())?;
        let sealed = self
            .vault
            .seal(context, secret.expose().as_bytes())
            .await
            .map_err(|e| e.to_string())?;
        stored
            .save_events_secret(&sealed)
            .await
            .map_err(|e| e.to_string())?;
        Ok(secret)
    }
}
