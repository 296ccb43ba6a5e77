//! The kinds of content, normalised over the platforms (`channels.md` §11).

use super::{Attachment, OptionList};
use serde::{Deserialize, Serialize};

/// What was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text {
        /// The words, as typed.
        text: String,
    },
    /// Image, video, sound, file or sticker, with an optional caption.
    Media {
        /// The file.
        attachment: Attachment,
        /// Words under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<String>,
    },
    /// A place.
    Location(Location),
    /// One or more visiting cards.
    Contacts {
        /// The cards.
        cards: Vec<ContactCard>,
    },
    /// The contact tapped a button or a list row.
    Choice {
        /// What the button said.
        label: String,
        /// The button's own id (a bot's payload, or ours, which carries our mark).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<String>,
        /// External id of the message that offered it, where the platform tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offered_in: Option<String>,
    },
    /// Options offered to the contact.
    Options(OptionList),
    /// An emoji on an earlier message; none means the reaction was taken back.
    Reaction {
        /// External id of the message reacted to.
        target: String,
        /// The emoji.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
    },
    /// An earlier message was changed.
    Edit {
        /// External id of the message changed.
        target: String,
        /// The words now.
        text: String,
    },
    /// An earlier message was taken back.
    Delete {
        /// External id of the message taken back.
        target: String,
    },
    /// The contact came through a link or an advertisement.
    Referral(Referral),
    /// A cart, an order, a product question: shown as text.
    Order {
        /// One line per item, made by the decoder.
        summary: String,
    },
    /// Something that happened, told by the platform (changed number, service message).
    Notice {
        /// The platform's word for it.
        code: String,
        /// What to show.
        text: String,
    },
    /// The platform or we cannot show it; the raw webhook is kept.
    Unsupported {
        /// The platform's word for it, e.g. `poll_creation`.
        what: String,
    },
}

/// A place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What the place is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A visiting card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// The name on it.
    pub name: String,
    /// Telephone numbers as written.
    #[serde(default)]
    pub phones: Vec<String>,
    /// E-mail addresses as written.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

/// Where a contact came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// The link's parameter (Telegram `/start` payload, m.me `ref`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The platform's word for the source: `ad`, `post`, `ADS`, `SHORTLINK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The advertisement's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<String>,
    /// Headline of the advertisement or title of the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Where the advertisement or post can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Content {
    /// A text message.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// The stored name of the kind, also used by conditions and figures.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Media { attachment, .. } => attachment.kind.name(),
            Self::Location(_) => "location",
            Self::Contacts { .. } => "contacts",
            Self::Choice { .. } => "choice",
            Self::Options(_) => "options",
            Self::Reaction { .. } => "reaction",
            Self::Edit { .. } => "edit",
            Self::Delete { .. } => "delete",
            Self::Referral(_) => "referral",
            Self::Order { .. } => "order",
            Self::Notice { .. } => "notice",
            Self::Unsupported { .. } => "unsupported",
        }
    }

    /// The words a rule looks at and a search finds; `None` where there are none.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Text { text } | Self::Edit { text, .. } | Self::Notice { text, .. } => Some(text),
            Self::Media { caption, .. } => caption.as_deref(),
            Self::Choice { label, .. } => Some(label),
            Self::Options(list) => Some(&list.title),
            Self::Order { summary } => Some(summary),
            _ => None,
        }
    }

    /// The file that belongs to it.
    #[must_use]
    pub fn attachment(&self) -> Option<&Attachment> {
        match self {
            Self::Media { attachment, .. } => Some(attachment),
            _ => None,
        }
    }

    /// The file that belongs to it, to be filled in once it is stored.
    pub fn attachment_mut(&mut self) -> Option<&mut Attachment> {
        match self {
            Self::Media { attachment, .. } => Some(attachment),
            _ => None,
        }
    }
}
