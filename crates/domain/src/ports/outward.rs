//! What is said and asked towards a platform, and what it answers.

use crate::channel::ChannelSettings;
use crate::message::{MediaKind, StoredFile};
use crate::outbound::SendError;
use crate::time::Timestamp;
use bytes::Bytes;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

/// What rendering may depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenderContext {
    /// Put before the words, e.g. the agent's name; empty = nothing.
    pub prefix: String,
    /// Quote this external id on the first part.
    pub reply_to: Option<String>,
    /// The tenant's settings of the channel.
    pub settings: ChannelSettings,
    /// When the contact last wrote (the windows count from here).
    pub last_inbound_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
    /// Prefix of the ids of our own buttons; the index is appended. Short: Telegram gives 64 bytes.
    pub choice_prefix: String,
    /// A signed link to the attachment in our viewer, for what the platform does not take.
    pub file_link: Option<String>,
}

/// One request towards the platform. A long text becomes several parts, sent in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The platform's method or path, e.g. `sendMessage` or `messages`.
    pub method: String,
    /// The request body without recipient and identity.
    pub body: serde_json::Value,
    /// The file to upload with it.
    pub file: Option<PartFile>,
}

/// A file that a part uploads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartFile {
    /// Our copy.
    pub file: StoredFile,
    /// What it is sent as.
    pub kind: MediaKind,
    /// The name of the field it belongs in.
    pub field: String,
}

/// The platform took a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The platform's id of the message.
    pub external_id: String,
    /// The contact's id in the answer, where it differs from the one we wrote to.
    pub contact: Option<String>,
}

/// Small signs towards the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// «Typing…»
    Typing {
        /// The contact's last message (WhatsApp needs it).
        last_message: Option<String>,
    },
    /// Their messages up to this one were read.
    Read {
        /// External id of the contact's message.
        message: String,
    },
    /// A tap was taken (Telegram's spinner stops).
    TapTaken {
        /// The id that came with the tap.
        tap: String,
    },
}

/// A file on its way, in pieces.
pub struct MediaStream {
    /// MIME type as told, without parameters.
    pub mime: Option<String>,
    /// Size as told.
    pub size: Option<u64>,
    /// Name as told.
    pub name: Option<String>,
    /// The bytes.
    pub bytes: BoxStream<'static, Result<Bytes, SendError>>,
}
