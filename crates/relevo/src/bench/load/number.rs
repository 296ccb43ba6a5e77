//! Counts as numbers to divide.

use std::time::Duration;

/// Microseconds.
pub(super) fn micros(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64() * 1_000_000.0
}

/// Microseconds as seconds, at least one microsecond: it is divided by.
pub(super) fn seconds(us: u64) -> f64 {
    micros(us).max(1.0) / 1_000_000.0
}

/// A count of things in memory.
pub(super) fn of_count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A count of statements or the like.
pub(super) fn of_u64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Kilobytes as megabytes.
pub(super) fn megabytes(kilobytes: u64) -> f64 {
    of_u64(kilobytes) / 1024.0
}
