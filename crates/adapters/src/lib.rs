//! Implementations of the domain's ports.

pub mod desk;
pub mod store;
