//! The machine: who may speak now, and what follows from what happens.
//!
//! ```text
//! Bot ──request──▶ Requested ──desk opened──▶ Waiting ──agent──▶ Active
//!  ▲                  │                          │                 │
//!  └──────────────────┴────────── ended ─────────┴─────────────────┘
//! ```
//!
//! [`step()`] is pure and total: it makes no ids, reads no clock and does no I/O. A late or
//! repeated event changes nothing and says why.

mod effect;
mod event;
mod policy;
mod reason;
mod state;
mod step;

pub use effect::{BotEvent, DeskNote, Effect, Fact, Notice};
pub use event::{AgentRef, Event, HandoffOptions, HandoffRequest, Verdict};
pub use policy::{
    BotDownAction, BotStandby, ClosePolicy, HandoffPolicy, PolicyTexts, RatingPolicy, RatingScale,
    Timeouts,
};
pub use reason::{EndReason, HandoffReason};
pub use state::{
    EarlyAgent, Episode, HandoffState, PastHandoff, Phase, RatingWait, RunningTimer, TimerKind,
};
pub use step::{Ignored, Step, offers_numbers, step};
