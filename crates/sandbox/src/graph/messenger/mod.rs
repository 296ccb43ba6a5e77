//! Messenger and Instagram messaging: one transport, two sets of limits.

pub(crate) mod content;
pub(crate) mod control;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod send;
