//! `relevo all`: web and worker in one process.

use super::migrate::migrate;
use super::{web, worker};
use crate::lifecycle::stop_on_signals;
use crate::parts::Parts;
use crate::settings::Settings;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    let cancel = CancellationToken::new();
    stop_on_signals(cancel.clone())?;
    let parts = Parts::build(&settings).await?;
    migrate(&settings, &parts.store).await?;
    let listener = std::net::TcpListener::bind(settings.listen)?;
    tracing::info!(address = %settings.public_url, "Relevo is ready");
    both(&settings, parts, listener, cancel).await
}

/// Web and worker side by side; when one ends, so does the other.
pub(super) async fn both(
    settings: &Settings,
    parts: Parts,
    listener: std::net::TcpListener,
    cancel: CancellationToken,
) -> anyhow::Result<()> {
    let work = Box::pin(worker::work(settings, parts.clone(), cancel.clone()));
    let serve = Box::pin(async {
        let served = web::serve(settings, parts, listener, cancel.clone()).await;
        cancel.cancel();
        served
    });
    let (worked, served) = tokio::join!(work, serve);
    worked.and(served)
}
