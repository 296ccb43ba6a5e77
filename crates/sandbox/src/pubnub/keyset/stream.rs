//! What flows through a keyset: publish, collect, wait.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Notify;

use super::super::queue::Queue;
use super::super::wire::{Publication, Stored};
use super::Keyset;

/// A message together with the subscription through which it was found.
pub(crate) type Found = (String, Arc<Stored>);

/// A poll's place in the queues; leaves them when dropped.
pub(crate) struct Waiting<'a> {
    keyset: &'a Keyset,
    id: u64,
    channels: &'a [String],
    groups: &'a [String],
    /// Told when something may have come.
    pub notify: Arc<Notify>,
    cuts: u64,
}

impl Keyset {
    /// Publishes without asking the fault plan; answers the publish timetoken.
    pub fn publish(&self, publication: Publication) -> u64 {
        self.publish_copies(publication, 1)
    }

    /// Puts the same publication `copies` times into the queues, all with one publish timetoken.
    pub(in crate::pubnub) fn publish_copies(&self, publication: Publication, copies: u32) -> u64 {
        let mut state = self.lock();
        let mut published = 0;
        for copy in 0..copies {
            let queued = state.tick(&self.clock);
            if copy == 0 {
                let skew = state.settings.publish_skew_ms.saturating_mul(10_000);
                published = queued.saturating_add_signed(-skew);
            }
            let stored = Arc::new(Stored {
                queued,
                published,
                publication: publication.clone(),
            });
            if copy == 0 && state.settings.persistence && !publication.not_stored {
                let kept = state.history.entry(publication.channel.clone());
                kept.or_default().push(Arc::clone(&stored));
            }
            self.evicted
                .fetch_add(state.spread(stored), Ordering::Relaxed);
        }
        published
    }

    /// A cursor for "from now on": newer than all that is queued, older than all that will be.
    pub(in crate::pubnub) fn cursor(&self) -> u64 {
        self.lock().tick(&self.clock)
    }

    /// What came after `cursor`, in order, and the cursor behind it.
    pub(in crate::pubnub) fn collect(
        &self,
        channels: &[String],
        groups: &[String],
        cursor: u64,
    ) -> (Vec<Found>, u64) {
        let mut state = self.lock();
        let oldest = state.oldest(&self.clock);
        let mut found: Vec<Found> = Vec::new();
        let named = channels
            .iter()
            .filter_map(|name| Some((name, state.channels.get(name)?)))
            .chain(
                groups
                    .iter()
                    .filter_map(|name| Some((name, state.groups.get(name)?))),
            );
        for (name, queue) in named {
            for stored in queue.after(cursor, oldest) {
                found.push((name.clone(), Arc::clone(stored)));
            }
        }
        // Plain channels come first and the sort is stable, so they win over a group.
        found.sort_by_key(|(_, stored)| stored.queued);
        found.dedup_by_key(|(_, stored)| stored.queued);
        let excess = found.len().saturating_sub(state.settings.batch_limit);
        if excess > 0 {
            found.drain(..excess);
            self.evicted.fetch_add(excess as u64, Ordering::Relaxed);
        }
        let next = match found.last() {
            Some((_, stored)) => stored.queued,
            None => state.tick(&self.clock),
        };
        (found, next)
    }

    /// Takes a place in the queues. Look with [`Keyset::collect`] *after* this.
    pub(in crate::pubnub) fn wait<'a>(
        &'a self,
        channels: &'a [String],
        groups: &'a [String],
    ) -> Waiting<'a> {
        let id = self.next_poll.fetch_add(1, Ordering::Relaxed);
        let notify = Arc::new(Notify::new());
        let mut state = self.lock();
        for name in channels {
            state
                .channels
                .entry(name.clone())
                .or_default()
                .wait(id, &notify);
        }
        for name in groups {
            state
                .groups
                .entry(name.clone())
                .or_default()
                .wait(id, &notify);
        }
        self.polls.fetch_add(1, Ordering::AcqRel);
        Waiting {
            keyset: self,
            id,
            channels,
            groups,
            notify,
            cuts: self.cuts.load(Ordering::Acquire),
        }
    }

    /// Stored messages with `end <= p.t < start`, oldest first; the newest `max` of them.
    pub(in crate::pubnub) fn history(
        &self,
        channel: &str,
        start: u64,
        end: u64,
        max: usize,
    ) -> Vec<Arc<Stored>> {
        let state = self.lock();
        let Some(kept) = state.history.get(channel) else {
            return Vec::new();
        };
        let wanted: Vec<_> = kept
            .iter()
            .filter(|stored| stored.published < start && stored.published >= end)
            .collect();
        let skip = wanted.len().saturating_sub(max);
        wanted.into_iter().skip(skip).map(Arc::clone).collect()
    }
}

impl Waiting<'_> {
    /// Waits until something came (`true`) or the polls were cut (`false`).
    pub(crate) async fn woken(&self) -> bool {
        let cut = self.keyset.cut.notified();
        tokio::pin!(cut);
        cut.as_mut().enable();
        if self.keyset.cuts.load(Ordering::Acquire) != self.cuts {
            return false;
        }
        tokio::select! {
            () = self.notify.notified() => true,
            () = cut => false,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.keyset.lock();
        let leave = |queues: &mut HashMap<String, Queue>, names: &[String]| {
            for name in names {
                if let Some(queue) = queues.get_mut(name) {
                    queue.leave(self.id);
                    if queue.is_idle() {
                        queues.remove(name);
                    }
                }
            }
        };
        leave(&mut state.channels, self.channels);
        leave(&mut state.groups, self.groups);
        self.keyset.polls.fetch_sub(1, Ordering::AcqRel);
    }
}
