//! What is sent when, decided beforehand.

use super::super::mark::Mark;
use crate::bench::chance::Chance;
use crate::bench::load::now_us;

/// What the webhooks carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Mix {
    /// One message each.
    Messages,
    /// Of a hundred: 80 one message, 15 a status only, 5 three messages; one message in a hundred
    /// comes twice, one in a thousand is signed by somebody else.
    Webhooks,
}

/// How much is sent.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Plan {
    /// Connections that send side by side.
    pub connections: u32,
    /// Contacts who write: from, and to before.
    pub talks: (u32, u32),
    /// Webhooks in all.
    pub webhooks: u32,
    /// Webhooks a second; `None`: as fast as they are taken.
    pub per_second: Option<u32>,
    /// Whether few contacts write most of it (Zipf, exponent 1).
    pub skewed: bool,
    /// What they carry.
    pub mix: Mix,
}

/// A webhook to be sent.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// Its messages, or the one its status is about.
    pub marks: Vec<Mark>,
    pub kind: Kind,
}

/// What a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Fresh,
    Status,
    Repeat,
    Forged,
}

impl Plan {
    /// What each connection sends. All of a contact's messages are on one connection, in order;
    /// without a schedule everything is due at once and the time counts from its turn.
    pub(super) fn jobs(&self, seed: u64) -> Vec<Vec<Job>> {
        let mut chance = Chance::new(seed);
        let (first, end) = self.talks;
        let talks = end.saturating_sub(first).max(1);
        let weights = self.skewed.then(|| Weights::new(talks));
        let mut numbers = vec![0_u32; talks as usize];
        let mut jobs: Vec<Vec<Job>> = vec![Vec::new(); self.connections as usize];
        // A moment to connect.
        let began = now_us() + 200_000;
        for n in 0..self.webhooks {
            let nth = match &weights {
                Some(weights) => weights.pick(&mut chance).min(talks - 1),
                None => n % talks,
            };
            let talk = first + nth;
            let due_us = match self.per_second {
                Some(rate) => began + u64::from(n) * 1_000_000 / u64::from(rate.max(1)),
                // Distinct all the same: ids are made of it.
                None => began + u64::from(n),
            };
            let mine = &mut jobs[(talk % self.connections) as usize];
            let fresh = |it: &&Job| it.kind == Kind::Fresh;
            let (kind, again) = match self.kind(&mut chance) {
                // With nothing to repeat it is something new.
                Kind::Repeat => match mine.iter().rev().find(fresh).cloned() {
                    Some(before) => (Kind::Repeat, Some(before)),
                    None => (Kind::Fresh, None),
                },
                kind => (kind, None),
            };
            let count = match self.mix {
                Mix::Webhooks if kind == Kind::Fresh && chance.once_in(17) => 3,
                _ => 1,
            };
            let marks = (0..count).map(|_| {
                let number = &mut numbers[nth as usize];
                *number += u32::from(kind == Kind::Fresh);
                Mark {
                    talk,
                    number: *number,
                    due_us,
                }
            });
            let job = Job {
                marks: marks.collect(),
                kind,
            };
            mine.push(match again {
                Some(before) => Job { kind, ..before },
                None => job,
            });
        }
        jobs
    }

    fn kind(&self, chance: &mut Chance) -> Kind {
        if self.mix == Mix::Messages {
            return Kind::Fresh;
        }
        match chance.below(1_000) {
            0 => Kind::Forged,
            1..=10 => Kind::Repeat,
            11..=160 => Kind::Status,
            _ => Kind::Fresh,
        }
    }
}

/// Shares that fall with the rank.
struct Weights(Vec<u64>);

impl Weights {
    fn new(count: u32) -> Self {
        let shares = (1..=u64::from(count)).scan(0, |sum, rank| {
            *sum += 1_000_000_000 / rank;
            Some(*sum)
        });
        Self(shares.collect())
    }

    fn pick(&self, chance: &mut Chance) -> u32 {
        let whole = self.0.last().copied().unwrap_or(1);
        let point = chance.draw() % whole.max(1);
        u32::try_from(self.0.partition_point(|sum| *sum <= point)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const PLAN: Plan = Plan {
        connections: 4,
        talks: (0, 50),
        webhooks: 10_000,
        per_second: Some(1_000),
        skewed: true,
        mix: Mix::Webhooks,
    };

    #[test]
    fn the_mix_is_as_told_and_every_contact_counts_upwards() {
        let jobs = PLAN.jobs(1);
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for (n, mine) in jobs.iter().enumerate() {
            let mut last: BTreeMap<u32, u32> = BTreeMap::new();
            for job in mine {
                *kinds.entry(format!("{:?}", job.kind)).or_default() += 1;
                for mark in job.marks.iter().filter(|_| job.kind == Kind::Fresh) {
                    assert_eq!(mark.talk as usize % 4, n, "one connection for a contact");
                    let before = last.insert(mark.talk, mark.number).unwrap_or(0);
                    assert_eq!(mark.number, before + 1);
                }
            }
        }
        assert!((1_300..1_700).contains(&kinds["Status"]), "{kinds:?}");
        assert!((60..140).contains(&kinds["Repeat"]), "{kinds:?}");
        assert!((2..30).contains(&kinds["Forged"]), "{kinds:?}");
    }

    #[test]
    fn what_comes_again_was_there_before() {
        for seed in 0..200 {
            let many = Plan {
                connections: 64,
                webhooks: 300,
                ..PLAN
            };
            for mine in many.jobs(seed) {
                for (place, job) in mine.iter().enumerate() {
                    let same = |it: &Job| it.kind == Kind::Fresh && it.marks == job.marks;
                    let known = mine[..place].iter().any(same);
                    assert!(job.kind != Kind::Repeat || known, "seed {seed}: {job:?}");
                }
            }
        }
    }

    #[test]
    fn few_contacts_write_most_where_that_is_wanted() {
        let mut count = [0_usize; 50];
        for job in PLAN.jobs(2).iter().flatten() {
            count[job.marks[0].talk as usize] += 1;
        }
        assert!(count[0] > 5 * count[20], "{count:?}");
        let even = Plan {
            skewed: false,
            mix: Mix::Messages,
            ..PLAN
        };
        let mut count = [0_usize; 50];
        for job in even.jobs(2).iter().flatten() {
            count[job.marks[0].talk as usize] += 1;
        }
        assert_eq!(count, [200; 50]);
    }
}
