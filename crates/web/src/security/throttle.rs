//! Slows down password guessing, per address and per account. In memory: a restart forgives.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// Slows down password guessing.
pub struct Throttle {
    by_address: DefaultKeyedRateLimiter<String>,
    by_account: DefaultKeyedRateLimiter<String>,
    sign_ups: DefaultKeyedRateLimiter<String>,
}

impl Default for Throttle {
    /// 30 tries a minute per address, 5 at once and then one a minute per account, 20 sign-ups an
    /// hour per address.
    fn default() -> Self {
        Self {
            by_address: RateLimiter::keyed(Quota::per_minute(count(30))),
            by_account: RateLimiter::keyed(Quota::per_minute(count(1)).allow_burst(count(5))),
            sign_ups: RateLimiter::keyed(Quota::per_hour(count(20))),
        }
    }
}

impl Throttle {
    /// Whether one more try to log in is allowed; every call counts as one.
    #[must_use]
    pub fn may_log_in(&self, address: &str, account: &str) -> bool {
        self.tidy();
        self.by_address.check_key(&address.to_owned()).is_ok()
            && self.by_account.check_key(&account.to_owned()).is_ok()
    }

    /// Whether one more company may sign up from there.
    #[must_use]
    pub fn may_sign_up(&self, address: &str) -> bool {
        self.sign_ups.check_key(&address.to_owned()).is_ok()
    }

    /// Forgets keys that are back at their full allowance once there are many.
    fn tidy(&self) {
        for limiter in [&self.by_address, &self.by_account, &self.sign_ups] {
            if limiter.len() > 10_000 {
                limiter.retain_recent();
            }
        }
    }
}

fn count(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::Throttle;

    #[test]
    fn the_sixth_guess_for_an_account_waits_and_others_do_not() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            assert!(throttle.may_log_in("10.0.0.1", "ana@example.com"));
        }
        assert!(!throttle.may_log_in("10.0.0.2", "ana@example.com"));
        assert!(throttle.may_log_in("10.0.0.2", "luis@example.com"));
    }
}
