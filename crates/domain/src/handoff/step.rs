//! One step of the machine.

use super::effect::Effect;
use super::event::Event;
use super::policy::HandoffPolicy;
use super::state::HandoffState;
use crate::time::Timestamp;

/// What follows from an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where the machine stands now.
    pub next: HandoffState,
    /// What must be done, in this order.
    pub effects: Vec<Effect>,
    /// Why nothing happened, when nothing did.
    pub note: Option<Ignored>,
}

/// Why an event changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ignored {
    /// A handoff is already under way.
    AlreadyHandedOff,
    /// The event speaks of a handoff that is over, or of another one.
    OtherHandoff,
    /// No handoff is under way.
    NoHandoff,
    /// The same thing happened before.
    Repeated,
    /// The timer was reset since.
    StaleTimer,
    /// The last handoff ended too recently.
    CoolingDown,
}

/// One step of the machine: pure and total.
#[must_use]
pub fn step(
    state: &HandoffState,
    _event: &Event,
    _policy: &HandoffPolicy,
    _now: Timestamp,
) -> Step {
    Step {
        next: state.clone(),
        effects: Vec::new(),
        note: None,
    }
}
