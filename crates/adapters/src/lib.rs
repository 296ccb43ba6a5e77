//! Implementations of the domain's ports.

pub mod store;
