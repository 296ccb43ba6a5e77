//! One realtime subscription per tenant, on exactly one worker.
//!
//! [`Supervisor`] compares the tenants that should be subscribed with those that are, and keeps a
//! runner for each one that is this worker's share (`crate::crew`). A runner turns in one direction: poll ▸ (list what may
//! be missing) ▸ record events and cursor in one transaction ▸ poll again. Whatever goes wrong, the
//! cursor has not moved, so the next poll brings the same events, and the store knows them again.

mod backoff;
mod health;
mod hold;
mod repair;
mod runner;
mod settings;
mod supervisor;

pub use settings::Settings;
pub use supervisor::Supervisor;

use domain::ports::{Clock, DeskEvents, DeskHistory, DeskInbox};
use std::sync::Arc;

/// What subscriptions work with; shared by all of them.
#[derive(Clone)]
pub struct Parts {
    /// Where what was heard is written down.
    pub inbox: Arc<dyn DeskInbox>,
    /// The realtime stream.
    pub events: Arc<dyn DeskEvents>,
    /// The listing that fills gaps.
    pub history: Arc<dyn DeskHistory>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}
