//! Chance that is the same in every run.

use uuid::Uuid;

/// A deterministic source of numbers (SplitMix64). Good enough to spread rows, for nothing else.
pub struct Chance(u64);

impl Chance {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// From `from` to before `to`, as milliseconds are.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from).unwrap_or(1).max(1);
        from + i64::try_from(self.draw() % width).unwrap_or(0)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of them.
    pub fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// An id that grows with `at` (milliseconds since 1970), as those of Relevo do.
    pub fn id(&mut self, at: i64) -> Uuid {
        let at = u64::try_from(at).unwrap_or(0);
        let head = (at << 16) | 0x7000 | (self.draw() & 0x0fff);
        Uuid::from_u64_pair(head, (self.draw() >> 2) | (1 << 63))
    }
}
