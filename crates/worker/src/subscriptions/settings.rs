//! Spans and limits of the subscriptions.

use std::time::Duration;

/// Spans and limits; the defaults are for production, tests shorten them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often desired and running are compared when nothing else asks for it.
    pub reconcile: Duration,
    /// How long a tenant rests whose writes were refused, or whose desk is gone.
    pub reclaim: Duration,
    /// First polls per second: each one looks a name up and opens a connection.
    pub starts_per_second: u32,
    /// Wait after a failed poll: the first one, and what doubling ends at.
    pub retry: (Duration, Duration),
    /// The same after PubNub refused the keys.
    pub parked: (Duration, Duration),
    /// PubNub answers after 280 s and the request gives up after 310 s; a poll still silent after
    /// this is dropped together with its connection.
    pub watchdog: Duration,
    /// When refused channel groups are tried again.
    pub groups_again: Duration,
    /// A cursor older than this may have outlived PubNub's queue (20 minutes at best, 5 are safe).
    pub stale: Duration,
    /// How often open conversations are listed although nothing seems to be missing.
    pub check_every: Duration,
    /// Listings tried before newer events are let through.
    pub repair_tries: u32,
    /// For how long they are then let through: their words may come out of order, which is better
    /// than not at all while the desk's listing is down.
    pub let_through: Duration,
    /// The least time between two reports of an unchanged state.
    pub report_every: Duration,
    /// How long a stop waits for runners before their tenants are handed over.
    pub stop_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            reconcile: seconds(5),
            reclaim: seconds(10),
            starts_per_second: 400,
            retry: (seconds(1), seconds(30)),
            parked: (seconds(30), seconds(300)),
            watchdog: seconds(340),
            groups_again: seconds(600),
            stale: seconds(240),
            check_every: seconds(600),
            repair_tries: 3,
            let_through: seconds(30),
            report_every: seconds(60),
            stop_within: seconds(10),
        }
    }
}
