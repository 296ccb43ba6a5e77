//! The one binary: its command line and its settings.

pub mod cli;
pub mod settings;
