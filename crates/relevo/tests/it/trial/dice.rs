//! Chance that can be repeated: the same seed throws the same numbers.

use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

/// Dice of a seed (SplitMix64).
pub struct Dice(Mutex<u64>);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(
            seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66_D00D,
        ))
    }

    pub fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn within(&self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    pub fn pick<T: Copy>(&self, all: &[T]) -> T {
        all[usize::try_from(self.next()).unwrap() % all.len()]
    }

    /// From 0 to 1.
    pub fn share(&self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Waits for a while of so many milliseconds.
    pub async fn wait(&self, ms: Range<u64>) {
        tokio::time::sleep(Duration::from_millis(self.within(ms))).await;
    }
}
