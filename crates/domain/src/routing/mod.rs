//! Rules as data: when a human is needed, decided by pure evaluation.
//!
//! A [`Rule`] is a [`Condition`] and an [`Action`], as a member edits them. They are compiled
//! once ([`CompiledRules::compile`]) and evaluated on the [`Facts`] of every event; the
//! [`Match`] becomes the machine's verdict. [`CompiledRules::explain`] tells why, and
//! [`backtest()`] what would have been.

mod action;
mod backtest;
mod changes;
mod compile;
mod condition;
mod defaults;
mod evaluate;
mod explain;
mod facts;
mod hours;
mod language;
mod node;
mod now;
mod problem;
mod progress;
mod replay;
mod rule;
mod sight;
mod verdict;

pub use action::Action;
pub use backtest::{Backtest, Example, Recorded, backtest};
pub use changes::{RuleChange, RuleChangeKind, changes};
pub use condition::Condition;
pub use defaults::default_rules;
pub use evaluate::{CompiledRules, Match};
pub use explain::{PartTrace, RuleOutcome, RuleTrace};
pub use facts::{Facts, Source};
pub use hours::{BusinessHours, ClosedDay, DayHours, HoursProblem};
pub use now::HoursNow;
pub use problem::{RuleError, RuleProblem};
pub use progress::{BotReply, Progress};
pub use replay::{Past, PastHandoff, replay};
pub use rule::Rule;
