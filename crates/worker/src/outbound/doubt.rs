//! How long the news of a doubtful send is waited for: the platforms tell afterwards what arrived.

use domain::time::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// When all is well, news is there within this time (`channels.md` §8).
pub(super) const NEWS: Duration = Duration::from_secs(30);

/// A platform whose news we could not take tries again after growing pauses: what did not get
/// through for a minute may need three more. None of the schedules that the platforms describe
/// grows faster.
const GROWTH: u32 = 4;

/// Trouble that lasted longer counts as this long; nobody's words are held back for hours.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// When this house was last seen unwell.
pub(super) struct Doubt {
    unwell: AtomicI64,
}

impl Doubt {
    /// A process that begins does not know what was before.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            unwell: AtomicI64::new(now.0),
        }
    }

    /// The database does not answer us: nor does it take news.
    pub(super) fn unwell(&self, now: Timestamp) {
        self.unwell.fetch_max(now.0, Ordering::Relaxed);
    }

    /// By when the news of a row is there if there is any: of a row that was first tried at `tried`.
    pub(super) fn due(&self, tried: Timestamp) -> Timestamp {
        let trouble = Timestamp(self.unwell.load(Ordering::Relaxed)).since(tried);
        tried.after(trouble.min(LONGEST) * GROWTH + NEWS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn without_trouble_news_is_due_after_its_usual_time() {
        let doubt = Doubt::new(at(0));
        assert_eq!(doubt.due(at(100)), at(130));
    }

    #[test]
    fn trouble_after_the_send_makes_the_news_late_by_a_multiple_of_it() {
        let doubt = Doubt::new(at(0));
        doubt.unwell(at(110));
        doubt.unwell(at(105));
        assert_eq!(doubt.due(at(100)), at(100 + 4 * 10 + 30));
        assert_eq!(doubt.due(at(111)), at(141));
    }

    #[test]
    fn a_process_that_begins_counts_what_was_before_as_trouble_within_reason() {
        let doubt = Doubt::new(at(100_000));
        assert_eq!(doubt.due(at(99_990)), at(99_990 + 70));
        assert_eq!(doubt.due(at(0)), at(4 * 300 + 30));
    }
}
