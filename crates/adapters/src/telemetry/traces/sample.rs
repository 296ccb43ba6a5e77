//! Which messages are traced.

use domain::ids::MessageId;

/// The share of messages that are traced. It is decided from the message's id, so that all
/// processes with the same setting agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample(u64);

impl Sample {
    /// All of them.
    pub const ALL: Self = Self(1 << 32);

    /// From 0 (none) to 1 (all); `None` beyond.
    #[must_use]
    pub fn of(share: f64) -> Option<Self> {
        (0.0..=1.0)
            .contains(&share)
            .then_some(Self((share * Self::ALL.0 as f64) as u64))
    }

    /// Whether this message is traced. By the last 32 bits of its id: what stands before them is
    /// the time and a counter, and would take or leave whole milliseconds.
    pub(super) fn takes(self, message: MessageId) -> bool {
        u64::from(message.0.as_u128() as u32) < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UuidV7;
    use domain::ports::IdSource as _;

    #[test]
    fn a_share_of_new_messages_is_taken() {
        let ids: Vec<MessageId> = (0..20_000).map(|_| MessageId(UuidV7.next())).collect();
        for (share, least, most) in [(0.0, 0, 0), (0.1, 1_600, 2_400), (1.0, 20_000, 20_000)] {
            let sample = Sample::of(share).unwrap();
            let taken = ids.iter().filter(|id| sample.takes(**id)).count();
            assert!((least..=most).contains(&taken), "{share}: {taken}");
        }
    }

    #[test]
    fn a_share_beyond_all_is_none() {
        assert_eq!(Sample::of(1.01), None);
        assert_eq!(Sample::of(-0.1), None);
        assert_eq!(Sample::of(f64::NAN), None);
    }
}
