//! Where the simulators take the time from, so that a test can move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The simulators' clock: the machine's time plus an offset that a test may change.
///
/// Clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.ticks() / 10_000
    }

    /// Ticks of 100 nanoseconds since 1970-01-01 UTC: PubNub's timetoken unit.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() / 100);
        let real = i64::try_from(real).unwrap_or(i64::MAX);
        let moved = real.saturating_add(self.offset_ms.load(Ordering::Relaxed) * 10_000);
        u64::try_from(moved).unwrap_or(0)
    }

    /// The same instant as a date of the calendar.
    #[must_use]
    pub fn date(&self) -> chrono::DateTime<chrono::Utc> {
        date_of(self.now_ms())
    }

    /// Moves the simulators' time by `ms`, backwards when negative.
    pub fn advance_ms(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

/// The calendar date of `ms` milliseconds since 1970.
#[must_use]
pub fn date_of(ms: u64) -> chrono::DateTime<chrono::Utc> {
    i64::try_from(ms)
        .ok()
        .and_then(chrono::DateTime::from_timestamp_millis)
        .unwrap_or_default()
}
