//! One step of the machine.
//!
//! Each file knows one kind of event: [`contact`] what the contact says, [`bot`] what the bot
//! says or fails to say, [`request`] how a handoff begins, [`desk`] how it opens and closes at
//! the desk, [`agent`] what the agents do, [`end`] how it ends, [`timer`] who fell silent.
//! [`turn`] is the pen they all write with.

mod agent;
mod bot;
mod contact;
mod desk;
mod end;
mod rating;
mod request;
mod timer;
mod turn;

pub use rating::offers_numbers;

use super::effect::Effect;
use super::event::Event;
use super::policy::HandoffPolicy;
use super::state::HandoffState;
use crate::time::Timestamp;
use turn::Turn;

/// What follows from an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where the machine stands now.
    pub next: HandoffState,
    /// What must be done, in this order.
    pub effects: Vec<Effect>,
    /// Why what the event asks for did not happen. Besides, nothing is done, except where a
    /// message must not be left lying: one that cools down goes to the bot, and a desk
    /// conversation of an ended handoff is closed.
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
    /// A rule drops the message.
    IgnoredByRule,
    /// The handoff has moved past what the event speaks of.
    Overtaken,
}

impl Ignored {
    /// The word in logs and counters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AlreadyHandedOff => "already_handed_off",
            Self::OtherHandoff => "other_handoff",
            Self::NoHandoff => "no_handoff",
            Self::Repeated => "repeated",
            Self::StaleTimer => "stale_timer",
            Self::CoolingDown => "cooling_down",
            Self::IgnoredByRule => "ignored_by_rule",
            Self::Overtaken => "overtaken",
        }
    }
}

/// One step of the machine: pure and total.
#[must_use]
pub fn step(state: &HandoffState, event: &Event, policy: &HandoffPolicy, now: Timestamp) -> Step {
    let turn = Turn::new(state, policy, now);
    match event {
        Event::ContactMessage {
            message,
            words,
            rates,
            verdict,
        } => contact::message(turn, *message, words.as_deref(), *rates, verdict),
        Event::ContactLeft => contact::left(turn),
        Event::BotMessage {
            message,
            numbered,
            verdict,
        } => bot::message(turn, *message, *numbered, verdict),
        Event::BotUnavailable { candidate, .. } => bot::unavailable(turn, *candidate),
        Event::Requested(request) => request::asked(turn, request),
        Event::DeskOpened {
            handoff,
            desk_conversation,
        } => desk::opened(turn, *handoff, *desk_conversation),
        Event::DeskFailed { handoff } => desk::failed(turn, *handoff),
        Event::DeskGone { handoff } => desk::gone(turn, *handoff),
        Event::DeskClosed { handoff } => desk::closed(turn, *handoff),
        Event::AgentJoined { handoff, agent } => agent::joined(turn, *handoff, agent),
        Event::AgentMessage {
            handoff,
            message,
            agent,
        } => agent::message(turn, *handoff, *message, agent),
        Event::EndRequested { handoff, reason } => end::requested(turn, *handoff, *reason),
        Event::Timer { kind, epoch } => timer::rang(turn, *kind, *epoch),
    }
}
