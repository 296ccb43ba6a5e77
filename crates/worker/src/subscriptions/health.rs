//! The health of one subscription, as its runner sees it.

use domain::ports::{SubscriptionHealth, SubscriptionState};
use domain::time::Timestamp;
use std::time::Duration;

/// Keeps the health and knows when it is worth a report.
#[derive(Debug)]
pub(super) struct Health {
    now: SubscriptionHealth,
    reported: Option<(Timestamp, SubscriptionHealth)>,
    every: Duration,
}

impl Health {
    pub(super) fn new(every: Duration) -> Self {
        Self {
            now: SubscriptionHealth::default(),
            reported: None,
            every,
        }
    }

    /// A poll was answered and stored.
    pub(super) fn answered(&mut self, at: Timestamp, held_events: bool) {
        if self.now.state != SubscriptionState::Connected {
            self.now.state = SubscriptionState::Connected;
            self.now.connected_since = Some(at);
        }
        self.now.last_answer = Some(at);
        if held_events {
            self.now.last_event = Some(at);
        }
    }

    /// Something failed.
    pub(super) fn failed(&mut self, state: SubscriptionState, error: impl Into<String>) {
        self.now.state = state;
        self.now.connected_since = None;
        self.now.last_error = Some(error.into());
    }

    /// Something failed beside the stream, which goes on.
    pub(super) fn noted(&mut self, error: impl Into<String>) {
        self.now.last_error = Some(error.into());
    }

    pub(super) fn groups(&mut self, subscribed: bool) {
        self.now.groups = subscribed;
    }

    pub(super) fn repaired(&mut self, messages: usize) {
        self.now.gaps_repaired = self.now.gaps_repaired.saturating_add(messages as u64);
    }

    pub(super) fn is_connected(&self) -> bool {
        self.now.state == SubscriptionState::Connected
    }

    pub(super) fn stopped(&mut self) -> SubscriptionHealth {
        self.now.state = SubscriptionState::Stopped;
        self.now.connected_since = None;
        self.now.clone()
    }

    /// What to report, if it is worth a write: another state or error, or some time has passed.
    pub(super) fn due(&mut self, at: Timestamp) -> Option<SubscriptionHealth> {
        let worth = self.reported.as_ref().is_none_or(|(then, before)| {
            before.state != self.now.state
                || before.last_error != self.now.last_error
                || before.groups != self.now.groups
                || before.gaps_repaired != self.now.gaps_repaired
                || at.since(*then) >= self.every
        });
        worth.then(|| {
            self.reported = Some((at, self.now.clone()));
            self.now.clone()
        })
    }
}
