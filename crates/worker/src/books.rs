//! Looks whether the books balance, and shows it as figures.

use crate::Context;
use crate::crew::Crew;
use adapters::store::{Balance, Direction, StoreError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(600);
/// How far back; finished work is kept a day longer.
const BACK: Duration = Duration::from_secs(7 * 86_400);
/// Work this long past its time is stuck: the sweep comes by every two seconds.
const LATE: Duration = Duration::from_secs(60);

/// Looks until cancelled. Each worker looks at the tenants it holds, so the figures of all of them
/// add up; what is stuck each of them sees alike.
pub async fn books(context: Context, crew: Crew, cancel: CancellationToken) {
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if let Err(error) = look(&context, &crew).await {
            tracing::warn!(%error, "the books could not be looked at");
        }
    }
}

/// A column of a balance.
type Column = fn(&Balance) -> i64;

async fn look(context: &Context, crew: &Crew) -> Result<(), StoreError> {
    let stuck: i64 = context
        .store
        .stuck(LATE)
        .await?
        .iter()
        .map(|s| s.rows)
        .sum();
    metrics::gauge!("relevo_outbox_stuck").set(stuck as f64);
    let list = crew.watch().borrow().list.clone();
    let since = context.clock.now().before(BACK);
    let mut all: Vec<Balance> = Vec::new();
    for tenant in context.store.tenant_ids().await? {
        if crew.holds(&list, tenant) {
            all.extend(context.store.tenant(tenant).ledger(since).await?);
        }
    }
    for direction in Direction::ALL {
        let sum = |column: Column| {
            let mine = all.iter().filter(|b| b.direction == direction);
            mine.map(column).sum::<i64>() as f64
        };
        let columns: [(&str, Column); 6] = [
            ("accepted", |b| b.accepted),
            ("delivered", |b| b.delivered),
            ("failed", |b| b.failed),
            ("refused", |b| b.refused),
            ("waiting", |b| b.waiting),
            ("unaccounted", Balance::unaccounted),
        ];
        for (name, column) in columns {
            let labels = [("direction", direction.name()), ("column", name)];
            metrics::gauge!("relevo_ledger", &labels).set(sum(column));
        }
    }
    for lost in all.iter().filter(|b| b.unaccounted() != 0) {
        tracing::error!(tenant = %lost.tenant, direction = lost.direction.name(), messages = lost.unaccounted(), "the books do not balance");
    }
    Ok(())
}
