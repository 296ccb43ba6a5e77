//! `relevo migrate`

use crate::parts::open_store;
use crate::settings::Settings;
use anyhow::Context as _;

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    let store = open_store(&settings).await?;
    store
        .migrate()
        .await
        .context("the database could not be brought up to date")?;
    tracing::info!("the database is up to date");
    Ok(())
}
