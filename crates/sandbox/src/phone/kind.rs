//! Which messenger a phone is looking at.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The channel kinds whose users the phone can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A WhatsApp Cloud API number; accounts are named by phone number id.
    Whatsapp,
    /// A Facebook Page; accounts are named by page id.
    Messenger,
    /// An Instagram professional account; accounts are named by its webhook id.
    Instagram,
    /// A Telegram bot; accounts are named by bot id.
    Telegram,
}

impl Kind {
    /// Every kind, in the order pages list them.
    pub const ALL: [Kind; 4] = [
        Kind::Whatsapp,
        Kind::Messenger,
        Kind::Instagram,
        Kind::Telegram,
    ];

    /// The lower-case name used in paths and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Whatsapp => "whatsapp",
            Kind::Messenger => "messenger",
            Kind::Instagram => "instagram",
            Kind::Telegram => "telegram",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("unknown channel kind {text:?}"))
    }
}
