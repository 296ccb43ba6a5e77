//! Who is connected where, with PubNub's timeout.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Uuids by channel, each with the moment at which it counts as gone.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    by_channel: HashMap<String, HashMap<String, u64>>,
    /// Moments to look at, soonest first; one that was prolonged meanwhile is skipped.
    due: BinaryHeap<Reverse<(u64, String, String)>>,
}

/// A change to be told on the channel's `-pnpres` channel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The channel somebody came to or left.
    pub channel: String,
    /// Who.
    pub uuid: String,
    /// `join`, `leave` or `timeout`.
    pub action: &'static str,
    /// How many are there afterwards.
    pub occupancy: usize,
}

impl Presence {
    /// The uuid was heard of and stays until `until_ms`; answers a join if it is new.
    pub(crate) fn seen(&mut self, channel: &str, uuid: &str, until_ms: u64) -> Option<Change> {
        let moment = (until_ms, channel.to_owned(), uuid.to_owned());
        self.due.push(Reverse(moment));
        let there = self.by_channel.entry(channel.to_owned()).or_default();
        let new = there.insert(uuid.to_owned(), until_ms).is_none();
        new.then(|| Change {
            channel: channel.to_owned(),
            uuid: uuid.to_owned(),
            action: "join",
            occupancy: there.len(),
        })
    }

    /// The uuid leaves.
    pub(crate) fn leave(&mut self, channel: &str, uuid: &str) -> Option<Change> {
        let there = self.by_channel.get_mut(channel)?;
        there.remove(uuid)?;
        let occupancy = there.len();
        if there.is_empty() {
            self.by_channel.remove(channel);
        }
        Some(Change {
            channel: channel.to_owned(),
            uuid: uuid.to_owned(),
            action: "leave",
            occupancy,
        })
    }

    /// Removes whoever has not been heard of in time.
    pub(crate) fn expire(&mut self, now_ms: u64) -> Vec<Change> {
        let mut changes = Vec::new();
        while let Some(Reverse((until, channel, uuid))) = self.due.pop() {
            if until >= now_ms {
                self.due.push(Reverse((until, channel, uuid)));
                break;
            }
            let current = self.by_channel.get(&channel).and_then(|it| it.get(&uuid));
            if current.is_some_and(|current| *current < now_ms)
                && let Some(left) = self.leave(&channel, &uuid)
            {
                changes.push(Change {
                    action: "timeout",
                    ..left
                });
            }
        }
        changes
    }

    /// Who is on the channel, in alphabetical order.
    pub(crate) fn here(&self, channel: &str) -> Vec<String> {
        let mut uuids: Vec<String> = self
            .by_channel
            .get(channel)
            .map_or_else(Vec::new, |there| there.keys().cloned().collect());
        uuids.sort();
        uuids
    }

    /// Every channel on which somebody is.
    pub(crate) fn channels(&self) -> Vec<String> {
        let mut names: Vec<String> = self.by_channel.keys().cloned().collect();
        names.sort();
        names
    }

    /// Where the uuid is.
    pub(crate) fn channels_of(&self, uuid: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .by_channel
            .iter()
            .filter(|(_, there)| there.contains_key(uuid))
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        names
    }
}
