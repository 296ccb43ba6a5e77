//! The routing rules.

mod conditions;
mod explain_and_backtest;
mod fixtures;
mod hours;
mod keywords;
mod limits;
mod progress;
mod properties;
mod reasons;
mod versions;
