//! One keyset: its queues, groups, grants, presence and history, behind one lock.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::Notify;

use super::KeysetView;
use super::grants::{Forbidden, Grant, Grants};
use super::presence::{Change, Presence};
use super::queue::Queue;
use super::settings::{Settings, SettingsPatch};
use super::wire::{Publication, Stored};
use crate::clock::Clock;

/// A subscribe key with everything under it.
#[derive(Debug)]
pub struct Keyset {
    /// The subscribe key.
    pub subscribe_key: String,
    /// The publish key.
    pub publish_key: String,
    clock: Clock,
    state: Mutex<State>,
    polls: AtomicUsize,
    next_poll: AtomicU64,
    cuts: AtomicU64,
    cut: Notify,
    evicted: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    settings: Settings,
    /// The newest timetoken given out.
    last: u64,
    channels: HashMap<String, Queue>,
    /// The queues of groups: what reached any of their channels.
    groups: HashMap<String, Queue>,
    members: HashMap<String, BTreeSet<String>>,
    groups_of: HashMap<String, HashSet<String>>,
    grants: Grants,
    presence: Presence,
    history: HashMap<String, Vec<Arc<Stored>>>,
}

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
    pub(super) fn new(clock: Clock, subscribe_key: String, publish_key: String) -> Self {
        Self {
            subscribe_key,
            publish_key,
            clock,
            state: Mutex::default(),
            polls: AtomicUsize::new(0),
            next_poll: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            cut: Notify::new(),
            evicted: AtomicU64::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Changes some settings.
    pub fn change_settings(&self, patch: &SettingsPatch) {
        self.lock().settings.apply(patch);
    }

    /// Keys, settings and counts.
    #[must_use]
    pub fn view(&self) -> KeysetView {
        KeysetView {
            subscribe_key: self.subscribe_key.clone(),
            publish_key: self.publish_key.clone(),
            settings: self.settings(),
            open_polls: self.open_polls(),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }

    /// Long polls waiting at this moment.
    #[must_use]
    pub fn open_polls(&self) -> usize {
        self.polls.load(Ordering::Acquire)
    }

    /// Cuts every open poll.
    pub fn cut_polls(&self) {
        self.cuts.fetch_add(1, Ordering::AcqRel);
        self.cut.notify_waiters();
    }

    /// Publishes without asking the fault plan; answers the publish timetoken.
    pub fn publish(&self, publication: Publication) -> u64 {
        self.publish_copies(publication, 1)
    }

    /// Puts the same publication `copies` times into the queues, all with one publish timetoken.
    pub(super) fn publish_copies(&self, publication: Publication, copies: u32) -> u64 {
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
    pub(super) fn cursor(&self) -> u64 {
        self.lock().tick(&self.clock)
    }

    /// What came after `cursor`, in order, and the cursor behind it.
    pub(super) fn collect(
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
    pub(super) fn wait<'a>(&'a self, channels: &'a [String], groups: &'a [String]) -> Waiting<'a> {
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

    /// Puts channels into a group; what they receive from now on reaches the group's subscribers.
    pub fn add_to_group(&self, group: &str, channels: &[String]) {
        let mut state = self.lock();
        for channel in channels {
            state
                .members
                .entry(group.to_owned())
                .or_default()
                .insert(channel.clone());
            state
                .groups_of
                .entry(channel.clone())
                .or_default()
                .insert(group.to_owned());
        }
    }

    /// Takes channels out of a group.
    pub fn remove_from_group(&self, group: &str, channels: &[String]) {
        let mut state = self.lock();
        for channel in channels {
            if let Some(members) = state.members.get_mut(group) {
                members.remove(channel);
            }
            if let Some(groups) = state.groups_of.get_mut(channel) {
                groups.remove(group);
                if groups.is_empty() {
                    state.groups_of.remove(channel);
                }
            }
        }
        if state.members.get(group).is_some_and(BTreeSet::is_empty) {
            state.members.remove(group);
        }
    }

    /// The channels of a group, in alphabetical order.
    #[must_use]
    pub fn group(&self, group: &str) -> Vec<String> {
        self.lock()
            .members
            .get(group)
            .map_or_else(Vec::new, |members| members.iter().cloned().collect())
    }

    /// The names of all groups that hold something.
    #[must_use]
    pub fn group_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.lock().members.keys().cloned().collect();
        names.sort();
        names
    }

    /// Lets an auth key use more.
    pub fn grant(&self, auth: &str, grant: Grant) {
        self.lock().grants.add(auth, grant);
    }

    /// Takes all grants of an auth key away; answers whether it had any.
    pub fn revoke(&self, auth: &str) -> bool {
        self.lock().grants.revoke(auth)
    }

    /// Whether the auth key may use these; always when Access Manager is off.
    ///
    /// # Errors
    /// What it may not use.
    pub fn check(
        &self,
        auth: &str,
        channels: &[String],
        groups: &[String],
    ) -> Result<(), Forbidden> {
        let state = self.lock();
        if !state.settings.access_manager {
            return Ok(());
        }
        state
            .grants
            .check(auth, channels, groups, |name| state.groups_of.get(name))
    }

    /// The uuid is alive on these channels for `timeout_ms` more.
    pub fn heartbeat(&self, channels: &[String], groups: &[String], uuid: &str, timeout_ms: u64) {
        self.change_presence(
            |presence, names, now| {
                names
                    .iter()
                    .filter_map(|name| presence.seen(name, uuid, now + timeout_ms))
                    .collect()
            },
            channels,
            groups,
        );
    }

    /// The uuid leaves these channels.
    pub fn leave(&self, channels: &[String], groups: &[String], uuid: &str) {
        self.change_presence(
            |presence, names, _| {
                names
                    .iter()
                    .filter_map(|name| presence.leave(name, uuid))
                    .collect()
            },
            channels,
            groups,
        );
    }

    /// Who is on the channel.
    #[must_use]
    pub fn here(&self, channel: &str) -> Vec<String> {
        self.change_presence(|_, _, _| Vec::new(), &[], &[]);
        self.lock().presence.here(channel)
    }

    /// Every channel on which somebody is.
    #[must_use]
    pub fn occupied(&self) -> Vec<String> {
        self.lock().presence.channels()
    }

    /// Where the uuid is.
    #[must_use]
    pub fn channels_of(&self, uuid: &str) -> Vec<String> {
        self.lock().presence.channels_of(uuid)
    }

    /// Stored messages with `end <= p.t < start`, oldest first; the newest `max` of them.
    pub(super) fn history(
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

    /// Expires, changes and tells; presence of `-pnpres` channels does not exist.
    fn change_presence(
        &self,
        change: impl FnOnce(&mut Presence, &[String], u64) -> Vec<Change>,
        channels: &[String],
        groups: &[String],
    ) {
        let now = self.clock.now_ms();
        let mut state = self.lock();
        if !state.settings.presence {
            return;
        }
        let mut names: Vec<String> = channels.to_vec();
        for group in groups {
            names.extend(state.members.get(group).into_iter().flatten().cloned());
        }
        names.retain(|name| !name.ends_with("-pnpres"));
        let mut changes = state.presence.expire(now);
        changes.extend(change(&mut state.presence, &names, now));
        for change in changes {
            let queued = state.tick(&self.clock);
            state.spread(Arc::new(Stored {
                queued,
                published: queued,
                publication: Publication {
                    channel: format!("{}-pnpres", change.channel),
                    payload: json!({
                        "action": change.action,
                        "uuid": change.uuid,
                        "timestamp": now / 1000,
                        "occupancy": change.occupancy,
                    }),
                    ..Publication::default()
                },
            }));
        }
    }
}

impl State {
    /// The next timetoken: the clock's, but always newer than the last.
    fn tick(&mut self, clock: &Clock) -> u64 {
        self.last = clock.ticks().max(self.last + 1);
        self.last
    }

    /// The oldest timetoken that a queue still keeps.
    fn oldest(&self, clock: &Clock) -> u64 {
        clock
            .ticks()
            .saturating_sub(self.settings.queue_age_ms.saturating_mul(10_000))
    }

    /// Puts a message into the queues of its channel and of the groups that hold it.
    fn spread(&mut self, stored: Arc<Stored>) -> u64 {
        let limit = self.settings.queue_limit;
        let oldest = self
            .last
            .saturating_sub(self.settings.queue_age_ms.saturating_mul(10_000));
        let channel = stored.publication.channel.as_str();
        let (base, suffix) = channel
            .strip_suffix("-pnpres")
            .map_or((channel, ""), |base| (base, "-pnpres"));
        for group in self.groups_of.get(base).into_iter().flatten() {
            self.groups
                .entry(format!("{group}{suffix}"))
                .or_default()
                .push(Arc::clone(&stored), limit, oldest);
        }
        self.channels.entry(channel.to_owned()).or_default().push(
            Arc::clone(&stored),
            limit,
            oldest,
        )
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
