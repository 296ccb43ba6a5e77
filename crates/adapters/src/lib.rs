//! Implementations of the domain's ports.

pub mod desk;
pub mod store;
//! adapters
pub mod clock;
pub mod password;
pub mod queue;
pub mod signed_link;
pub mod standard_webhooks;
pub mod vault;

pub mod channels;
pub mod files;
pub mod net;

