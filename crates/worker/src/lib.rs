//! worker

pub mod subscriptions;
