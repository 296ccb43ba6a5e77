//! What a user can do with the phone.

use serde::Deserialize;

use super::samples::FileSpec;

/// One action. In JSON the field `type` names it, in snake_case.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Writes.
    Text {
        /// The words.
        text: String,
        /// Quotes a message.
        #[serde(default)]
        reply_to: Option<String>,
    },
    /// Sends a picture (default `foto.jpg`).
    Image(FileSpec),
    /// Sends a video (default `video.mp4`).
    Video(FileSpec),
    /// Sends a sound file (default `audio.mp3`, on Instagram `audio.m4a`).
    Audio(FileSpec),
    /// Speaks a voice note (default `voz.ogg`; Messenger and Instagram carry `audio.m4a`).
    Voice(FileSpec),
    /// Sends a file (default `presupuesto.pdf`).
    Document(FileSpec),
    /// Sends a sticker (default `sticker.webp`).
    Sticker(FileSpec),
    /// Sends several pictures at once.
    Album {
        /// The pictures; the caption of the first counts.
        files: Vec<FileSpec>,
    },
    /// Shares a place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// What it is called.
        #[serde(default)]
        name: Option<String>,
        /// Its address.
        #[serde(default)]
        address: Option<String>,
    },
    /// Shares a contact card.
    Contact {
        /// The person's name.
        name: String,
        /// Their number.
        phone: String,
    },
    /// Taps a button, a list row, a quick reply or an inline button.
    Tap {
        /// The message that offered it.
        message_id: String,
        /// What the button sends back.
        button_id: String,
    },
    /// Reacts; an empty emoji takes the reaction back.
    Reaction {
        /// The message.
        message_id: String,
        /// The emoji.
        #[serde(default)]
        emoji: String,
    },
    /// Changes the words of an own message.
    Edit {
        /// The message.
        message_id: String,
        /// The new words.
        text: String,
        /// WhatsApp: as numbers without coexistence see it, `unsupported` without the words.
        #[serde(default)]
        unsupported: bool,
    },
    /// Takes an own message back (WhatsApp and Instagram).
    Delete {
        /// The message.
        message_id: String,
    },
    /// Presses start: `/start` on Telegram, Get Started on Messenger and Instagram.
    Start {
        /// Deep link payload.
        #[serde(default)]
        payload: Option<String>,
    },
    /// Comes from an ad or a link, with first words.
    Referral {
        /// The words written.
        text: String,
        /// `ref`, or the ad's headline.
        reference: String,
        /// The ad.
        #[serde(default)]
        ad_id: Option<String>,
    },
    /// Opens the chat and reads everything.
    Read,
    /// Blocks the business.
    Block,
    /// Lets it back in.
    Unblock,
    /// Not the user but a person of the company, in the platform's own inbox or phone.
    External {
        /// The words.
        text: String,
        /// The app it comes from; the platform's inbox by default.
        #[serde(default)]
        app_id: Option<String>,
    },
}

/// A contact to add.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewContact {
    /// Id on the line: digits. Generated when missing.
    pub id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Handle.
    pub username: Option<String>,
    /// Language of the phone (default `es`).
    pub language: Option<String>,
    /// WhatsApp: hides the number.
    pub number_hidden: bool,
}
