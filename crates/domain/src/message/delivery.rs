//! How far a message got. Statuses may skip a step and never go back (`channels.md` §2.4).

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How far a message got towards the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// Stored by us; on its way or nowhere to go.
    #[default]
    Accepted,
    /// The other side took it.
    Sent,
    /// It is on the recipient's device.
    Delivered,
    /// It was read (or a voice note played).
    Read,
    /// It did not arrive; the message says why.
    Failed,
    /// The bot said it while a human had control: kept, not delivered.
    Muted,
}

impl DeliveryStatus {
    fn rank(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::Sent => 1,
            Self::Delivered => 2,
            Self::Read => 3,
            Self::Failed | Self::Muted => u8::MAX,
        }
    }

    /// The status after hearing `news`: never back, and `failed` wins only over nothing or sent.
    #[must_use]
    pub fn merged(self, news: Self) -> Self {
        match (self, news) {
            (Self::Muted, _) => self,
            (Self::Failed, Self::Delivered | Self::Read) => news,
            (Self::Failed, _) => self,
            (Self::Delivered | Self::Read, Self::Failed | Self::Muted) => self,
            (_, Self::Failed | Self::Muted) => news,
            _ if news.rank() > self.rank() => news,
            _ => self,
        }
    }

    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Muted => "muted",
        }
    }

    /// From the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Accepted,
            Self::Sent,
            Self::Delivered,
            Self::Read,
            Self::Failed,
            Self::Muted,
        ]
        .into_iter()
        .find(|s| s.name() == name)
    }
}

/// News about something we sent, told by the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryUpdate {
    /// Which messages.
    pub which: DeliveryTarget,
    /// How far.
    pub status: DeliveryStatus,
    /// The platform's code and words, when it failed.
    pub failure: Option<String>,
    /// The platform's clock.
    pub at: Timestamp,
}

/// Which of our messages a status speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryTarget {
    /// One message by the platform's id, with our delivery identity when the platform gave it back.
    External {
        /// wamid or mid.
        id: String,
        /// Our delivery identity, if it came along.
        identity: Option<Uuid>,
    },
    /// Everything sent to this contact at or before the instant (Messenger's watermark).
    UpTo(Timestamp),
}
