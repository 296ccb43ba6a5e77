//! Growing waits that differ between tenants.

use domain::ids::TenantId;
use std::time::Duration;

/// Doubles from the first wait to the longest. Each wait lies between half and the whole of its
/// step, at a point that follows from tenant and try: tenants whose connections dropped together
/// do not come back together, and a test sees the same waits every time.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    seed: u64,
    tries: u32,
}

impl Backoff {
    pub(super) fn new((first, longest): (Duration, Duration), tenant: TenantId) -> Self {
        let (high, low) = tenant.0.as_u64_pair();
        Self {
            first,
            longest,
            seed: high ^ low,
            tries: 0,
        }
    }

    /// The next wait.
    pub(super) fn next(&mut self) -> Duration {
        let step = self
            .first
            .saturating_mul(1_u32.checked_shl(self.tries.min(20)).unwrap_or(u32::MAX))
            .min(self.longest);
        self.tries = self.tries.saturating_add(1);
        let part = fraction(self.seed.wrapping_add(u64::from(self.tries)));
        step / 2 + (step / 2).mul_f64(part)
    }

    /// After a success.
    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }
}

/// A number in `0.0..1.0` that looks like chance (the SplitMix64 mixing steps).
pub(super) fn fraction(seed: u64) -> f64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    // 53 bits fill a float exactly.
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn waits_double_up_to_the_longest_and_never_fall_below_half_a_step(
            tenant in any::<u128>(),
        ) {
            let limits = (Duration::from_secs(1), Duration::from_secs(30));
            let mut backoff = Backoff::new(limits, TenantId(Uuid::from_u128(tenant)));
            for step in [1_u64, 2, 4, 8, 16, 30, 30, 30] {
                let wait = backoff.next();
                prop_assert!(wait <= Duration::from_secs(step));
                prop_assert!(wait >= Duration::from_secs(step) / 2);
            }
            backoff.reset();
            prop_assert!(backoff.next() <= Duration::from_secs(1));
        }
    }

    #[test]
    fn tenants_do_not_wait_in_step() {
        let limits = (Duration::from_secs(1), Duration::from_secs(30));
        let waits: std::collections::HashSet<Duration> = (0..100)
            .map(|n| Backoff::new(limits, TenantId(Uuid::from_u128(n))).next())
            .collect();
        assert!(waits.len() > 95);
    }
}
