//! `relevo migrate`: brings the schema up to date, and wraps the tenants' data keys under the
//! active master key, which is how a master key is rotated.

use crate::parts::{master_keys, open_store};
use crate::settings::Settings;
use adapters::store::Store;
use adapters::vault::{EnvelopeVault, Rewrap};
use anyhow::Context as _;
use std::sync::Arc;

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    let store = open_store(&settings).await?;
    migrate(&settings, &store).await?;
    tracing::info!("the database is up to date");
    Ok(())
}

/// As the command, for those that begin with it.
pub(super) async fn migrate(settings: &Settings, store: &Store) -> anyhow::Result<()> {
    store
        .migrate()
        .await
        .context("the database could not be brought up to date")?;
    let vault = EnvelopeVault::new(master_keys(settings)?, Arc::new(store.clone()));
    let mut wrapped = 0;
    for tenant in store.tenant_ids().await? {
        let result = vault.rewrap(tenant).await;
        let done = result.with_context(|| format!("the data key of tenant {tenant}"))?;
        wrapped += usize::from(done == Rewrap::Done);
    }
    if wrapped > 0 {
        tracing::info!(
            wrapped,
            "data keys were wrapped under the active master key"
        );
    }
    Ok(())
}
