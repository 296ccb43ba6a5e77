//! What was sent, joined with what arrived.

use super::mark::Mark;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// What one side noted, in the order in which it happened.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Notes {
    /// Of each talk, the numbers, each with the time from due to done, in microseconds.
    pub talks: BTreeMap<u32, Vec<(u32, u32)>>,
    /// How many messages.
    pub count: usize,
    /// The instant of the first and of the last one.
    pub span_us: Option<(u64, u64)>,
}

impl Notes {
    /// Notes a message at an instant.
    pub fn note(&mut self, mark: Mark, now_us: u64) {
        let took = now_us.saturating_sub(mark.due_us);
        let took = u32::try_from(took).unwrap_or(u32::MAX);
        let talk = self.talks.entry(mark.talk).or_default();
        talk.push((mark.number, took));
        self.count += 1;
        let first = self.span_us.map_or(now_us, |(first, _)| first);
        self.span_us = Some((first, now_us));
    }

    /// Adds what another one of the same side noted about other talks.
    pub fn join(&mut self, other: Self) {
        for (talk, messages) in other.talks {
            self.talks.entry(talk).or_default().extend(messages);
        }
        self.count += other.count;
        self.span_us = match (self.span_us, other.span_us) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }

    /// How many and when, without which.
    pub fn light(&self) -> Self {
        Self {
            talks: BTreeMap::new(),
            ..*self
        }
    }

    /// Only what some talks noted.
    pub fn of(&self, wanted: impl Fn(u32) -> bool) -> Self {
        let talks = self.talks.iter().filter(|(talk, _)| wanted(**talk));
        let talks: BTreeMap<_, _> = talks.map(|(t, all)| (*t, all.clone())).collect();
        Self {
            count: talks.values().map(Vec::len).sum(),
            talks,
            span_us: self.span_us,
        }
    }

    /// A percentile of the times, in milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        let all = self.talks.values().flatten().map(|(_, took)| *took);
        percentile_ms(&mut all.collect::<Vec<u32>>(), percent)
    }
}

/// A percentile in milliseconds of times in microseconds.
pub(super) fn percentile_ms(took_us: &mut [u32], percent: f64) -> f64 {
    took_us.sort_unstable();
    // A count fits; a percentile needs no more than the next whole place.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    let at = ((took_us.len() as f64) * percent / 100.0).ceil() as usize;
    let found = took_us.get(at.saturating_sub(1)).copied().unwrap_or(0);
    f64::from(found) / 1000.0
}

/// What became of the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Promised: acknowledged with 200, or said at the desk.
    pub sent: usize,
    /// Of those, how many arrived.
    pub delivered: usize,
    /// Promised and not arrived.
    pub lost: usize,
    /// Arrived once more than once.
    pub duplicated: usize,
    /// Arrived after a later one of the same talk.
    pub reordered: usize,
    /// Arrived in somebody else's talk.
    pub misdirected: usize,
}

impl Verdict {
    /// Whether every message arrived once, in order, and where it belongs.
    pub fn is_whole(&self) -> bool {
        self.lost + self.duplicated + self.reordered + self.misdirected == 0
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            delivered: self.delivered + other.delivered,
            lost: self.lost + other.lost,
            duplicated: self.duplicated + other.duplicated,
            reordered: self.reordered + other.reordered,
            misdirected: self.misdirected + other.misdirected,
        }
    }
}

/// Joins the two sides. Who heard whom is not seen here, but where it was heard.
pub(super) fn verdict(sent: &Notes, arrived: &Notes) -> Verdict {
    let mut verdict = Verdict::default();
    let none = Vec::new();
    for (talk, messages) in &sent.talks {
        let came = arrived.talks.get(talk).unwrap_or(&none);
        let mut seen = HashSet::new();
        let mut latest = 0;
        for (number, _) in came {
            if seen.insert(*number) {
                verdict.reordered += usize::from(*number < latest);
                latest = latest.max(*number);
            } else {
                verdict.duplicated += 1;
            }
        }
        let promised: HashSet<u32> = messages.iter().map(|(number, _)| *number).collect();
        verdict.sent += promised.len();
        verdict.delivered += promised.intersection(&seen).count();
    }
    verdict.lost = verdict.sent - verdict.delivered;
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(talks: &[(u32, &[u32])]) -> Notes {
        let mut notes = Notes::default();
        for (talk, numbers) in talks {
            for number in *numbers {
                let due_us = 1_000;
                let mark = Mark {
                    talk: *talk,
                    number: *number,
                    due_us,
                };
                notes.note(mark, 3_000 + u64::from(*number));
            }
        }
        notes
    }

    #[test]
    fn what_is_missing_doubled_or_late_is_told() {
        let sent = notes(&[(1, &[1, 2, 3, 4]), (2, &[1, 2])]);
        // Talk 1: 3 overtook 2, 4 came twice; talk 2: nothing. Talk 9 is nobody's.
        let arrived = notes(&[(1, &[1, 3, 2, 4, 4]), (9, &[1])]);
        let expected = Verdict {
            sent: 6,
            delivered: 4,
            lost: 2,
            duplicated: 1,
            reordered: 1,
            misdirected: 0,
        };
        assert_eq!(verdict(&sent, &arrived), expected);
    }

    #[test]
    fn times_are_ranked() {
        let mut some: Vec<u32> = (1..=200).map(|n| n * 1000).collect();
        assert_eq!(
            percentile_ms(&mut some, 50.0).to_bits(),
            100.0_f64.to_bits()
        );
        assert_eq!(
            percentile_ms(&mut some, 99.0).to_bits(),
            198.0_f64.to_bits()
        );
        assert_eq!(percentile_ms(&mut [], 50.0).to_bits(), 0.0_f64.to_bits());
    }
}
