//! The figures' numbers. What is over is added up once and kept (`metric_days`, `metric_counts`);
//! what still changes is read from the handoffs themselves. See `docs/adr/0009-figures.md`.
//!
//! ```text
//! commit ──▶ handoffs (facts) ────────────────▶ days.rs  reads the days that are not kept
//!        └─▶ metric_deltas (append only)             ▲
//! worker ──▶ fold.rs: deltas, outbox ─▶ metric_counts │
//!                     finished days ──▶ metric_days ──┘
//! ```

mod counts;
mod days;
pub(super) mod fact;
mod fold;
mod outbox;
mod snapshot;

pub(crate) use counts::append;
pub use fold::DaysDone;
pub use snapshot::{Named, Snapshot};

use super::TenantStore;

/// The figures of a tenant.
pub struct Metrics {
    pub(crate) tenant: TenantStore,
}

impl TenantStore {
    /// The figures.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        Metrics {
            tenant: self.clone(),
        }
    }
}
