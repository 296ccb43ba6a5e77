//! Rules as data: when a human is needed, decided by pure evaluation.

mod action;
mod condition;
mod evaluate;
mod facts;
mod hours;
mod progress;
mod rule;

pub use action::Action;
pub use condition::Condition;
pub use evaluate::{CompiledRules, Match, RuleError};
pub use facts::{Facts, Source};
pub use hours::{BusinessHours, DayHours};
pub use progress::Progress;
pub use rule::Rule;
