//! Webhooks on their way out: written and signed as the platform does, delivered without blocking
//! anybody, tried again on the platform's schedule, and spoiled by the fault plan.

pub mod hooks;
mod reorder;
pub mod schedule;
pub mod sign;

pub use hooks::{Answer, Delivery, Handling, Hooks, Outcome};
