//! The real clock and the real source of ids: the only place that asks the machine what time
//! it is.

use domain::ports::{Clock, IdSource};
use domain::time::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A machine whose clock stands before 1970 is treated as standing at 1970.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = Timestamp::default().after(since);
        #[cfg(feature = "faults")]
        let now = Timestamp(now.0 + crate::faults::clock_error_ms());
        now
    }
}

/// UUIDv7 from the machine's clock and random bits. Ids made by one process sort in the order
/// in which they were made, also within one millisecond.
#[derive(Clone, Copy, Debug, Default)]
pub struct UuidV7;

impl IdSource for UuidV7 {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_made() {
        let ids: Vec<Uuid> = (0..10_000).map(|_| UuidV7.next()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn the_clock_stands_after_2020() {
        assert!(SystemClock.now() > Timestamp::from_seconds(1_577_836_800));
    }
}
