//! Implementations of the domain's ports.

pub mod accounts;
pub mod api_objects;
pub mod botcalls;
pub mod channels;
pub mod clock;
pub mod desk;
pub mod faults;
pub mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub mod hostile;
pub mod inbox;
pub mod ingest;
pub mod json;
pub mod links;
pub mod mailer;
pub mod net;
pub mod password;
pub mod queue;
pub mod second_factor;
pub mod signed_link;
pub mod standard_webhooks;
pub mod store;
pub mod telemetry;
pub mod together;
pub mod vault;
