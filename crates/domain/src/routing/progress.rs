//! What the rules count since the conversation began or control last returned to the bot.

use serde::{Deserialize, Serialize};

/// Counters of one conversation; bounded in size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Times in a row that the bot did not understand (a bot message that matches the
    /// tenant's fallback phrases, or reported through the API).
    pub fallbacks: u32,
    /// Messages of the contact.
    pub contact_messages: u32,
    /// Fingerprints of the contact's last questions with how often each came; at most 8.
    pub questions: Vec<(u64, u32)>,
    /// The referral the contact came with, flattened to one searchable line.
    pub referral: Option<String>,
}
