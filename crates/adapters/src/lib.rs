//! Implementations of the domain's ports.

pub mod desk;
pub mod store;
//! adapters
pub mod clock;
pub mod queue;
