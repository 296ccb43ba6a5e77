//! The one binary: its command line, its settings, and the house put together.

pub mod bench;
pub mod cli;
pub mod commands;
pub mod demo;
mod lifecycle;
mod parts;
mod probe;
mod secrets;
pub mod settings;
mod traces;

pub use parts::Parts;
