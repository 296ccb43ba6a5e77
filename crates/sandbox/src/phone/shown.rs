//! What one message looks like on the phone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Author {
    /// The person holding the phone.
    Contact,
    /// The company's line: a bot or a human agent, the phone cannot tell.
    Business,
}

/// How far a message came. Ordered: a message never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tick {
    /// Left the sender.
    Sent,
    /// Reached the other side.
    Delivered,
    /// Seen by the other side.
    Read,
}

/// The kinds of content a bubble can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum ContentKind {
    /// Words.
    #[default]
    Text,
    /// A still picture.
    Image,
    /// A moving picture.
    Video,
    /// A music or sound file.
    Audio,
    /// A voice note.
    Voice,
    /// Any file.
    Document,
    /// A sticker.
    Sticker,
    /// A GIF, as Telegram sends it.
    Animation,
    /// A round Telegram video.
    VideoNote,
    /// A point on the map.
    Location,
    /// One or more contact cards.
    Contact,
    /// A thrown die or similar.
    Dice,
    /// A WhatsApp template.
    Template,
    /// A row of cards.
    Carousel,
    /// A tap on something the business offered.
    Tap,
    /// A line about the conversation itself.
    Note,
    /// Something the phone cannot draw.
    Unsupported,
}

/// A file inside a bubble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Media {
    /// Where the page can load it from, without credentials; empty while it is unknown.
    pub url: String,
    /// Its MIME type as the sender gave it.
    pub mime: String,
    /// The file's name, when the channel carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex SHA-256 of the bytes: lets a test check that nothing was altered on the way.
    pub sha256: String,
    /// The platform's id of the file.
    pub id: String,
}

/// A point on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What the place is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Its street address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
}

/// A shared contact card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The person's name.
    pub name: String,
    /// Their phone number.
    pub phone: String,
}

/// What tapping a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// WhatsApp reply button.
    Reply,
    /// WhatsApp list row.
    Row,
    /// Telegram inline button carrying callback data.
    Callback,
    /// Telegram reply keyboard: sends its label as text.
    Keyboard,
    /// Messenger or Instagram quick reply: vanishes after the next message.
    QuickReply,
    /// Messenger or Instagram template button.
    Postback,
    /// WhatsApp template quick reply.
    TemplateReply,
    /// Opens a web page.
    Url,
}

/// Something tappable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What comes back to the business: reply id, row id, callback data or payload.
    pub id: String,
    /// The label.
    pub title: String,
    /// Second line of a list row.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// What a tap does.
    pub action: ButtonAction,
    /// The page a URL button opens.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// Which row of a keyboard, or section of a list, it sits in.
    pub row: usize,
}

/// One card of a carousel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Element {
    /// Headline.
    pub title: String,
    /// Second line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Picture address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Its buttons.
    pub buttons: Vec<Button>,
}

/// The content of a bubble. Fields that do not apply are empty.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Content {
    /// What it is.
    pub kind: ContentKind,
    /// Text, caption, or the label that was tapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Formatting spans in UTF-16 units, as Telegram describes them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Value>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// More files of the same bubble (Instagram albums).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more_media: Vec<Media>,
    /// The place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Contact cards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// Line above the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Small line below the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// Tappable things.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Label of the button that opens a list; the rows are in `buttons`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_label: Option<String>,
    /// Cards of a carousel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<Element>,
}

impl Content {
    /// A bubble with words only.
    pub fn text(text: impl Into<String>) -> Self {
        Content {
            text: Some(text.into()),
            ..Content::default()
        }
    }

    /// A bubble around a file.
    pub fn media(kind: ContentKind, media: Media, caption: Option<String>) -> Self {
        Content {
            kind,
            text: caption,
            media: Some(media),
            ..Content::default()
        }
    }

    /// Finds a tappable thing by what it sends back, in the bubble or in its cards.
    pub fn button(&self, id: &str) -> Option<&Button> {
        self.buttons
            .iter()
            .chain(self.elements.iter().flat_map(|element| &element.buttons))
            .find(|button| button.id == id)
    }

    /// The words to note in the ledger: text, else a short name of the kind.
    pub fn summary(&self) -> String {
        match (&self.text, &self.media) {
            (Some(text), _) => text.clone(),
            (None, Some(media)) => format!("[{}]", media.name.as_deref().unwrap_or(&media.mime)),
            (None, None) => format!("[{:?}]", self.kind).to_lowercase(),
        }
    }
}

/// One bubble on the phone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The platform's message id as text: wamid, mid, or Telegram's message_id.
    pub id: String,
    /// Position in the thread, from 1, without gaps: the order the contact sees.
    pub seq: u64,
    /// Who wrote it.
    pub from: Author,
    /// When, in Unix milliseconds of the sandbox clock.
    pub at_ms: i64,
    /// What it says.
    pub content: Content,
    /// The message it quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Reactions by author.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reactions: BTreeMap<Author, String>,
    /// Whether its words were changed afterwards.
    pub edited: bool,
    /// Whether its author took it back.
    pub deleted: bool,
    /// How far it came.
    pub tick: Tick,
    /// The sender's own identity for it: `biz_opaque_callback_data` or `metadata`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// Which app or bot sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
}
