//! What a rule does.

use crate::handoff::{ClosePolicy, HandoffOptions};
use serde::{Deserialize, Serialize};

/// What a rule does when it matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Ask for a human.
    HandOff {
        /// How it is opened at the desk.
        #[serde(default)]
        options: HandoffOptions,
        /// Another close policy than the tenant's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        close: Option<ClosePolicy>,
    },
    /// Answer with a text; the bot does not see the message.
    Answer {
        /// The text.
        text: String,
    },
    /// Tag the contact and go on with the next rule.
    Tag {
        /// The tags.
        tags: Vec<String>,
    },
    /// Store and show the message, and hand it to nobody.
    Ignore,
}
