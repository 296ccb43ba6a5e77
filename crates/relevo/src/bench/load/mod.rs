//! What messages cost: Relevo's own processes in the middle, on one side a generator that keeps to
//! its schedule, on the other lean simulators in a process of their own.
//!
//! ```text
//! near  ── signed webhooks ──►  house (web, worker, or all)  ── POST ──►  far (desk, lines, stream)
//! ```
//!
//! Every message carries a [`mark`]: who says it, its number there, and when it was due. What near
//! sent and what far got are joined in [`verdict`]; Relevo's own counters are not asked.

pub mod far;
pub mod house;
mod mark;
mod near;
mod number;
pub mod primitives;
pub mod report;
mod verdict;
pub mod workloads;

/// Microseconds since 1970, by the clock that all processes of a machine share.
pub(crate) fn now_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |it| u64::try_from(it.as_micros()).unwrap_or(u64::MAX))
}
