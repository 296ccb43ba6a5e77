//! What a rule can look at.

use super::{BusinessHours, Progress};
use crate::channel::ChannelKind;
use crate::contact::ContactProfile;
use crate::message::{Author, Content};
use crate::time::Timestamp;

/// What a rule can look at; borrowed from what ingest has in hand.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The channel's kind.
    pub channel: ChannelKind,
    /// What happened.
    pub source: Source<'a>,
    /// Who writes.
    pub profile: &'a ContactProfile,
    /// Counters since the last release, already including this message.
    pub progress: &'a Progress,
    /// When humans are there.
    pub hours: &'a BusinessHours,
    /// When the last handoff ended.
    pub released_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A message of the contact or of the bot.
    Message {
        /// Who said it.
        author: Author,
        /// What was said.
        content: &'a Content,
    },
    /// The bot reported how sure it was of its last answer (0 to 1).
    Confidence(f32),
}
