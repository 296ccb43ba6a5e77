//! Options that the contact can tap: Let's Talk's `actionable/list`, a rating question.

use serde::{Deserialize, Serialize};

/// A question with answers to tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionList {
    /// The question; every platform requires one, so it is never empty once rendered.
    pub title: String,
    /// The answers, in order.
    pub items: Vec<OptionItem>,
}

/// One answer or link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionItem {
    /// What the button says, uncut.
    pub label: String,
    /// What tapping it does.
    pub action: OptionAction,
}

/// What tapping an option does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OptionAction {
    /// Sends `message` as the contact's words.
    Reply {
        /// What the contact says by tapping.
        message: String,
    },
    /// Opens an address.
    Link {
        /// `https` only; others are shown as text.
        url: String,
    },
}
