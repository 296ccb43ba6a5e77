//! The pen every event writes with: the state as it becomes, and the effects in their order.

use super::{Ignored, Step};
use crate::handoff::effect::{Effect, Notice};
use crate::handoff::policy::HandoffPolicy;
use crate::handoff::state::{HandoffState, RunningTimer, TimerKind};
use crate::ids::MessageId;
use crate::time::Timestamp;
use std::time::Duration;

/// One step while it is being written.
pub(super) struct Turn<'a> {
    /// The state as it becomes.
    pub state: HandoffState,
    /// What the tenant decided.
    pub policy: &'a HandoffPolicy,
    /// Now.
    pub now: Timestamp,
    effects: Vec<Effect>,
}

impl<'a> Turn<'a> {
    pub fn new(state: &HandoffState, policy: &'a HandoffPolicy, now: Timestamp) -> Self {
        Self {
            state: state.clone(),
            policy,
            now,
            effects: Vec::new(),
        }
    }

    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Says something to the contact; an empty text is not said.
    pub fn say(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.push(Effect::Say(Notice {
                text: text.to_owned(),
                rating: None,
            }));
        }
    }

    /// Whether this message was handled before; remembers it otherwise.
    pub fn repeats(&mut self, message: MessageId) -> bool {
        if self.state.recent.contains(&message) {
            return true;
        }
        self.state.recent.push(message);
        let surplus = self
            .state
            .recent
            .len()
            .saturating_sub(HandoffState::REMEMBERED);
        self.state.recent.drain(..surplus);
        false
    }

    /// Starts a timer in place of whichever runs; zero minutes only stop that one.
    pub fn start_timer(&mut self, kind: TimerKind, minutes: u32) {
        if minutes == 0 || self.state.timer.is_some_and(|running| running.kind != kind) {
            self.stop_timer();
        }
        if minutes == 0 {
            return;
        }
        let epoch = self.state.epoch.wrapping_add(1);
        self.state.epoch = epoch;
        self.state.timer = Some(RunningTimer { kind, epoch });
        self.push(Effect::SetTimer {
            kind,
            epoch,
            due: self.now.after(minutes_long(minutes)),
        });
    }

    /// Stops the timer that runs, if one does.
    pub fn stop_timer(&mut self) {
        if self.state.timer.take().is_some() {
            self.push(Effect::ClearTimers);
        }
    }

    /// The step as written.
    pub fn done(self) -> Step {
        Step {
            next: self.state,
            effects: self.effects,
            note: None,
        }
    }

    /// The step as written, and why it is not what the event asks for.
    pub fn noted(self, note: Ignored) -> Step {
        Step {
            note: Some(note),
            ..self.done()
        }
    }
}

/// So many minutes.
pub(super) fn minutes_long(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}
