//! The worker at its real edges.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod mails;
mod subscriptions;
mod subscriptions_faults;
mod subscriptions_inbox;
mod subscriptions_rig;
