//! What waits, what is due later, and what is in a consumer's hands.

use domain::outbound::Wakeup;
use domain::ports::Delivery;
use domain::time::Timestamp;
#[cfg(test)]
use std::collections::HashMap;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

/// A wake-up in somebody's hands.
struct Taken {
    wakeup: Wakeup,
    consumer: String,
    since: Timestamp,
}

/// The wake-ups of one process. Its size is bounded by the number of lanes with something to
/// do, because wake-ups of one lane melt.
#[derive(Default)]
pub(super) struct Work {
    ready: VecDeque<Wakeup>,
    waiting: HashSet<Wakeup>,
    due: BTreeMap<Timestamp, HashSet<Wakeup>>,
    taken: BTreeMap<u64, Taken>,
    receipts: u64,
}

impl Work {
    /// Adds a wake-up, unless one of this lane waits already.
    pub(super) fn push(&mut self, wakeup: Wakeup) {
        if self.waiting.insert(wakeup) {
            self.ready.push_back(wakeup);
        }
    }

    /// Adds a wake-up for later.
    pub(super) fn push_at(&mut self, wakeup: Wakeup, at: Timestamp) {
        self.due.entry(at).or_default().insert(wakeup);
    }

    /// Takes at most `most`, and says when the next delayed one is due.
    pub(super) fn take(
        &mut self,
        consumer: &str,
        most: usize,
        now: Timestamp,
    ) -> (Vec<Delivery>, Option<Timestamp>) {
        self.promote(now);
        let mut deliveries = Vec::new();
        while deliveries.len() < most {
            let Some(wakeup) = self.ready.pop_front() else {
                break;
            };
            self.waiting.remove(&wakeup);
            deliveries.push(self.hand_out(wakeup, consumer, now));
        }
        (deliveries, self.due.keys().next().copied())
    }

    fn promote(&mut self, now: Timestamp) {
        while let Some(first) = self.due.first_entry() {
            if *first.key() > now {
                break;
            }
            for wakeup in first.remove() {
                self.push(wakeup);
            }
        }
    }

    fn hand_out(&mut self, wakeup: Wakeup, consumer: &str, now: Timestamp) -> Delivery {
        self.receipts += 1;
        self.taken.insert(
            self.receipts,
            Taken {
                wakeup,
                consumer: consumer.to_owned(),
                since: now,
            },
        );
        Delivery {
            wakeup,
            receipt: self.receipts.to_string(),
        }
    }

    /// Forgets a taken one; an unknown receipt was recovered by somebody else.
    pub(super) fn done(&mut self, receipt: &str) {
        if let Ok(receipt) = receipt.parse() {
            self.taken.remove(&receipt);
        }
    }

    /// Hands what lay for `idle` to `consumer`; receipts stay the same.
    pub(super) fn recover(
        &mut self,
        consumer: &str,
        idle: Duration,
        most: usize,
        now: Timestamp,
    ) -> Vec<Delivery> {
        let latest = now.before(idle);
        self.taken
            .iter_mut()
            .filter(|(_, taken)| taken.since <= latest)
            .take(most)
            .map(|(receipt, taken)| {
                taken.consumer.clear();
                taken.consumer.push_str(consumer);
                taken.since = now;
                Delivery {
                    wakeup: taken.wakeup,
                    receipt: receipt.to_string(),
                }
            })
            .collect()
    }

    /// How many each consumer holds.
    #[cfg(test)]
    pub(super) fn held(&self) -> HashMap<&str, usize> {
        let mut held = HashMap::new();
        for taken in self.taken.values() {
            *held.entry(taken.consumer.as_str()).or_default() += 1;
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::outbound::Lane;
    use uuid::Uuid;

    fn lane(n: u128) -> Wakeup {
        Wakeup {
            tenant: Uuid::from_u128(1).into(),
            conversation: Uuid::from_u128(n).into(),
            lane: Lane::Desk,
        }
    }

    #[test]
    fn a_recovered_wakeup_changes_hands_and_is_done_under_its_old_receipt() {
        let mut work = Work::default();
        work.push(lane(1));
        let (first, _) = work.take("a", 10, Timestamp(0));
        let again = work.recover("b", Duration::from_secs(1), 10, Timestamp(1_000));
        assert_eq!(again, first);
        assert_eq!(work.held(), HashMap::from([("b", 1)]));
        work.done(&first[0].receipt);
        assert!(work.held().is_empty());
    }

    #[test]
    fn the_same_lane_at_two_instants_is_due_twice() {
        let mut work = Work::default();
        for at in [5, 5, 9] {
            work.push_at(lane(1), Timestamp(at));
        }
        assert_eq!(work.take("a", 10, Timestamp(4)).1, Some(Timestamp(5)));
        assert_eq!(work.take("a", 10, Timestamp(5)).0.len(), 1);
        assert_eq!(work.take("a", 10, Timestamp(9)).0.len(), 1);
        assert_eq!(work.take("a", 10, Timestamp(99)), (vec![], None));
    }
}
