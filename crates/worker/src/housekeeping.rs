//! Clearing away finished work.

use crate::Context;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is done.
const EVERY: Duration = Duration::from_secs(3600);
/// How long finished work and raw webhooks are kept, for looking into what happened. Longer than
/// any platform repeats a webhook (7 days), so that a repeat still finds its row.
const KEEP: Duration = Duration::from_secs(8 * 86_400);

/// Clears away finished work until cancelled.
pub async fn housekeeping(context: Context, cancel: CancellationToken) {
    loop {
        match context.store.clear(context.clock.now().before(KEEP)).await {
            Ok(removed) => tracing::debug!(removed, "cleared finished work"),
            Err(error) => tracing::warn!(%error, "finished work could not be cleared"),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
