//! One keyset: its queues, groups, grants, presence and history, behind one lock.
//!
//! `stream` is what flows (publish, collect, wait), `access` who may have what (groups, grants),
//! `people` who is there.

mod access;
mod people;
mod stream;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::KeysetView;
use super::grants::Grants;
use super::presence::Presence;
use super::queue::Queue;
use super::settings::{Settings, SettingsPatch};
use super::wire::Stored;
use crate::clock::Clock;

pub(crate) use stream::Found;

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
