//! Reads Let's Talk's JSON. Its documentation is old and has gaps, so nothing is taken for
//! granted: numbers may come as strings, fields may be missing or spelled the other way. What
//! cannot be told apart safely is refused with a reason, never guessed: the caller keeps it raw.

mod attachment;
mod content;
mod dates;
mod event;
mod message;
pub(crate) mod value;

#[cfg(test)]
mod tests;

pub use dates::instant;
pub use event::event;
pub use message::message;

/// Why something cannot be read: which part is missing or odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub &'static str);
