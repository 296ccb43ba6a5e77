//! Clearing away finished work.

use crate::Context;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is done.
const EVERY: Duration = Duration::from_secs(3600);
/// How long finished work and raw webhooks are kept, for looking into what happened. Longer than
/// any platform repeats a webhook (7 days), so that a repeat still finds its row.
const KEEP: Duration = Duration::from_secs(8 * 86_400);
/// A file that nobody has written to for so long was left behind by a process that died.
const UNFINISHED: Duration = Duration::from_secs(3600);

/// Clears away finished work until cancelled.
pub async fn housekeeping(context: Context, cancel: CancellationToken) {
    loop {
        match context.store.clear(context.clock.now().before(KEEP)).await {
            Ok(removed) => tracing::debug!(removed, "cleared finished work"),
            Err(error) => tracing::warn!(%error, "finished work could not be cleared"),
        }
        match context
            .files
            .sweep(context.clock.now().before(UNFINISHED))
            .await
        {
            Ok(removed) => tracing::debug!(removed, "cleared unfinished files"),
            Err(error) => tracing::warn!(%error, "unfinished files could not be cleared"),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
