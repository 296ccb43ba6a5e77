//! Takes over what dead workers had in hand, and keeps the others from doing so while this one
//! cannot show that it lives.

use super::dispatch::{Shared, pause};
use crate::crew::{View, claimant, is_dead};
use adapters::store::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// Looks whenever the list of workers has changed.
pub(super) async fn run(shared: &Arc<Shared>) {
    let mut watch = shared.crew.watch();
    // The name under which claims may stand.
    let mut known = None;
    while !shared.cancel.is_cancelled() {
        let view = watch.borrow_and_update().clone();
        match look(shared, &view, &mut known).await {
            Ok(()) => tokio::select! {
                () = shared.cancel.cancelled() => return,
                changed = watch.changed() => if changed.is_err() { return },
            },
            Err(error) => {
                tracing::warn!(%error, "claims of the dead could not be looked for");
                pause(shared, Duration::from_secs(1)).await;
            }
        }
    }
}

async fn look(
    shared: &Arc<Shared>,
    view: &View,
    known: &mut Option<String>,
) -> Result<(), StoreError> {
    let store = &shared.context.store;
    let me = view.list.member(shared.crew.name()).map(claimant);
    // We live, but the others may not see it, or know us under a newer name only.
    if let Some(before) = known.as_deref()
        && (!view.proven || me.as_deref() != Some(before))
    {
        store.unname_claims(before).await?;
    }
    known.clone_from(&me);
    if !view.proven || !view.list.settled {
        return Ok(());
    }
    let mut dead = store.claimants().await?;
    dead.retain(|name| is_dead(&view.list, name));
    let free = store.free_claims_of(&dead).await?;
    if !free.is_empty() {
        tracing::info!(rows = free.len(), "took over from a dead worker");
        metrics::counter!("relevo_claims_inherited_total").increment(free.len() as u64);
    }
    for wakeup in free {
        shared.take(wakeup);
    }
    Ok(())
}
