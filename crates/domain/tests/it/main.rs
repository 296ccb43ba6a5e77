//! The machine and the rules, seen from outside.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong"
)]

mod calendar;
mod machine;
mod metrics;
mod routing;
