//! Adds up what the figures need, so that a page reads days and not messages.

use crate::Context;
use adapters::store::{DaysDone, StoreError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is done.
const EVERY: Duration = Duration::from_secs(60);

/// Adds up until cancelled. Every worker may do it: what one has done, the others find done.
pub async fn figures(context: Context, cancel: CancellationToken) {
    let mut days = DaysDone::default();
    loop {
        if let Err(error) = add_up(&context, &mut days, &cancel).await {
            tracing::warn!(%error, "the figures could not be added up");
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn add_up(
    context: &Context,
    days: &mut DaysDone,
    cancel: &CancellationToken,
) -> Result<(), StoreError> {
    while context.store.fold_outbox().await? && !cancel.is_cancelled() {}
    while context.store.fold_counts().await? > 0 && !cancel.is_cancelled() {}
    context.store.fold_days(days).await?;
    Ok(())
}
