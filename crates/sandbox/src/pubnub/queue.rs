//! The bounded queue of one channel or group, and the polls that wait at it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;

use super::wire::Stored;

/// Messages of one name, oldest first, and who waits for more.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    entries: VecDeque<Arc<Stored>>,
    waiting: Vec<(u64, Arc<Notify>)>,
}

impl Queue {
    /// Adds a message and wakes every waiting poll; answers how many old ones had to leave.
    pub(crate) fn push(&mut self, stored: Arc<Stored>, limit: usize, oldest: u64) -> u64 {
        self.entries.push_back(stored);
        let before = self.entries.len();
        while self.entries.len() > limit
            || self
                .entries
                .front()
                .is_some_and(|entry| entry.queued < oldest)
        {
            self.entries.pop_front();
        }
        for (_, notify) in &self.waiting {
            notify.notify_one();
        }
        (before - self.entries.len()) as u64
    }

    /// The messages after `cursor` that are not too old, oldest first.
    pub(crate) fn after(&self, cursor: u64, oldest: u64) -> impl Iterator<Item = &Arc<Stored>> {
        let start = self
            .entries
            .partition_point(|entry| entry.queued <= cursor || entry.queued < oldest);
        self.entries.range(start..)
    }

    /// A poll starts to wait.
    pub(crate) fn wait(&mut self, poll: u64, notify: &Arc<Notify>) {
        self.waiting.push((poll, Arc::clone(notify)));
    }

    /// A poll ends.
    pub(crate) fn leave(&mut self, poll: u64) {
        self.waiting.retain(|(id, _)| *id != poll);
    }

    /// Whether it can be forgotten.
    pub(crate) fn is_idle(&self) -> bool {
        self.entries.is_empty() && self.waiting.is_empty()
    }
}
