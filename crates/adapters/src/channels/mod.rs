//! The messaging platforms.

pub mod telegram;
