//! WhatsApp Cloud API.

pub(crate) mod content;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod limits;
pub(crate) mod nodes;
pub(crate) mod send;
pub(crate) mod statuses;
