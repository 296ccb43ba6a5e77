//! The workers inside one process: one in production, several in tests.

use domain::ports::{Crew, CrewMember, Duty};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

struct Entry {
    joined: i64,
    duty: Duty,
    until: Timestamp,
}

/// Who lives until when. Settled from the start: the process that held this list before is dead,
/// and so is everybody who worked in it.
#[derive(Default)]
pub(super) struct Alive {
    members: BTreeMap<String, Entry>,
    epoch: i64,
}

impl Alive {
    pub(super) fn beat(&mut self, worker: &str, duty: Duty, ttl: Duration, now: Timestamp) -> Crew {
        let before = self.members.len();
        self.members
            .retain(|name, entry| name == worker || entry.until > now);
        let known = self.members.get(worker).map(|entry| entry.duty);
        if before != self.members.len() || known != Some(duty) {
            self.change(now);
        }
        let epoch = self.epoch;
        let entry = self.members.entry(worker.to_owned()).or_insert(Entry {
            joined: epoch,
            duty,
            until: now,
        });
        entry.duty = duty;
        entry.until = now.after(ttl);
        Crew {
            epoch,
            settled: true,
            members: self
                .members
                .iter()
                .map(|(name, entry)| CrewMember {
                    name: name.clone(),
                    joined: entry.joined,
                    duty: entry.duty,
                })
                .collect(),
        }
    }

    pub(super) fn depart(&mut self, worker: &str, now: Timestamp) {
        if self.members.remove(worker).is_some() {
            self.change(now);
        }
    }

    /// Never below the time of day: an epoch stored as a fence in the database before a restart of
    /// this process must not be above the ones that come after it.
    fn change(&mut self, now: Timestamp) {
        self.epoch = now.0.max(self.epoch.saturating_add(1));
    }
}
