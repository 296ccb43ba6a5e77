//! How often one API key may call.

use domain::ids::ApiKeyId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

/// Calls per second that a key may make in the long run.
const PER_SECOND: u32 = 50;
/// Calls at once after a pause.
const BURST: u32 = 200;

/// How often each key may call, in this process.
pub struct KeyLimits(DefaultKeyedRateLimiter<ApiKeyId>);

impl Default for KeyLimits {
    fn default() -> Self {
        let calls = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(calls(PER_SECOND)).allow_burst(calls(BURST));
        Self(RateLimiter::keyed(quota))
    }
}

impl KeyLimits {
    /// Takes one call; the time to wait when there are too many.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, key: ApiKeyId) -> Result<(), Duration> {
        self.0
            .check_key(&key)
            .map_err(|wait| wait.wait_time_from(DefaultClock::default().now()))
    }
}
