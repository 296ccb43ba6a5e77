//! A messaging platform.

use crate::channel::{ChannelCredentials, ChannelSettings};
use crate::contact::{ContactAddress, ContactProfile};
use crate::ids::TenantId;
use crate::message::{Attachment, Content, DeliveryUpdate, MediaKind, MediaSource};
use crate::outbound::SendError;
use crate::time::Timestamp;
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A webhook as it came in: nothing about it is believed yet.
#[derive(Clone, Debug)]
pub struct RawWebhook {
    /// Header names in lower case with their values, in order, repeated ones repeated.
    pub headers: Vec<(String, String)>,
    /// The exact bytes; signatures are computed over them.
    pub body: Bytes,
}

impl RawWebhook {
    /// The only value of a header; `None` if absent or repeated (two signatures are a trick).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.as_str());
        match (values.next(), values.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

/// A webhook whose sender is proven. Only [`Channel::verify`] hands these out.
#[derive(Clone, Debug)]
pub struct VerifiedWebhook(RawWebhook);

impl VerifiedWebhook {
    /// To be called by [`Channel::verify`] once the signature holds.
    #[must_use]
    pub fn proven(raw: RawWebhook) -> Self {
        Self(raw)
    }

    /// The webhook as it came.
    #[must_use]
    pub fn raw(&self) -> &RawWebhook {
        &self.0
    }
}

/// Why a webhook is not believed. Answered with 401, nothing stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No signature came along, or more than one.
    #[error("signature missing")]
    Missing,
    /// It is not well formed.
    #[error("signature malformed")]
    Malformed,
    /// It is somebody else's, or the body was changed.
    #[error("signature does not match")]
    Mismatch,
}

/// What a webhook holds, in the platform's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The events.
    pub events: Vec<Inbound>,
    /// What could not be decoded though the sender is proven: kept raw, counted.
    pub undecodable: Vec<String>,
}

/// One decoded event with the account and the contact it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Inbound {
    /// The platform's id of our line it was sent to; must be the channel's own, otherwise the
    /// event is refused and counted.
    pub account: String,
    /// Whom it concerns; `None` for news about the account itself.
    pub contact: Option<ContactAddress>,
    /// What the platform told about the contact.
    pub profile: ContactProfile,
    /// Unique on this channel; the platform repeats webhooks.
    pub dedupe_key: String,
    /// The platform's clock.
    pub at: Timestamp,
    /// Where in the body it stands, as a JSON pointer; lets a batch be cut per conversation.
    pub pointer: String,
    /// What happened.
    pub event: ChannelEvent,
}

/// What happened on a channel.
#[derive(Clone, Debug, PartialEq)]
pub enum ChannelEvent {
    /// The contact said something.
    Message {
        /// The platform's id; none for reactions, taps and the like on some platforms.
        external_id: Option<String>,
        /// What.
        content: Content,
        /// The external id of the message quoted.
        reply_to: Option<String>,
        /// Acknowledges a tap towards the platform (Telegram's `callback_query.id`).
        tap: Option<String>,
        /// The thread is in another app's hands (standby): store, do not answer.
        standby: bool,
    },
    /// Something our side said was seen going out.
    Echo {
        /// The platform's id.
        external_id: String,
        /// Our delivery identity, if it came along.
        identity: Option<Uuid>,
        /// Who said it, as far as the platform tells.
        origin: EchoOrigin,
        /// What.
        content: Content,
    },
    /// News about something we sent.
    Delivery(DeliveryUpdate),
    /// The contact blocked us or left.
    ContactLeft,
    /// The contact came back.
    ContactReturned,
    /// The thread changed hands between apps on the platform; `ours` = it is ours now.
    ThreadControl {
        /// Whether our app has it now.
        ours: bool,
    },
    /// The chat moved to another id (Telegram supergroup migration).
    Moved {
        /// The new address.
        to: ContactAddress,
    },
    /// News about the account (quality, errors); shown in its health.
    Account {
        /// The platform's code.
        code: String,
        /// The platform's words.
        detail: String,
    },
}

/// Who said what an echo repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoOrigin {
    /// Our own app: we sent it.
    Ours,
    /// A human in the platform's own inbox, or another app.
    Foreign,
}

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
    pub file: crate::message::StoredFile,
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

/// What a successful validation found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountInfo {
    /// The platform's id of the line.
    pub external_id: String,
    /// What people know it by: number, `@bot`, Page name.
    pub display: String,
    /// Who holds the webhook now, if it is not us.
    pub foreign_webhook: Option<String>,
    /// Things to know that do not prevent it from working, as message keys.
    pub warnings: Vec<String>,
}

/// Why credentials do not work. Each has its own text beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// A value has the wrong shape.
    #[error("{field}: malformed")]
    Malformed {
        /// Which field.
        field: &'static str,
    },
    /// The token is wrong, expired or revoked.
    #[error("token refused: {detail}")]
    Token {
        /// The platform's words.
        detail: String,
    },
    /// The token lacks a permission.
    #[error("permission missing: {detail}")]
    Permission {
        /// The platform's words.
        detail: String,
    },
    /// The id does not exist or is not visible to this token.
    #[error("{field}: not found")]
    NotFound {
        /// Which field.
        field: &'static str,
        /// The platform's words.
        detail: String,
    },
    /// The ids do not belong together (WABA and number, Page and token).
    #[error("{field}: belongs to something else")]
    Mismatch {
        /// Which field.
        field: &'static str,
    },
    /// The platform could not be reached or answered with an error of its own.
    #[error("platform unreachable: {detail}")]
    Unreachable {
        /// What happened.
        detail: String,
    },
}

/// How our webhook is to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSetup {
    /// Our address.
    pub callback_url: String,
    /// Put this address back instead of ours (disconnecting); `None` inside = remove.
    pub restore: Option<Option<String>>,
}

/// Who holds the webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookStatus {
    /// The address the platform calls now, where it tells.
    pub url: Option<String>,
    /// Updates that wait at the platform.
    pub pending: Option<u64>,
    /// The platform's last complaint about us.
    pub last_error: Option<String>,
    /// Whether our app is subscribed (Meta).
    pub subscribed: Option<bool>,
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

/// A messaging platform.
///
/// Verifying, decoding and rendering are synchronous and pure; the rest talks to the platform.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Answers the platform's handshake when the webhook address is set: the text to send back.
    ///
    /// # Errors
    /// A wrong or missing verify token: answered with 403.
    fn handshake(
        &self,
        credentials: &ChannelCredentials,
        query: &[(String, String)],
    ) -> Result<String, VerifyError>;

    /// Proves the sender.
    ///
    /// # Errors
    /// Answered with 401, nothing stored.
    fn verify(
        &self,
        credentials: &ChannelCredentials,
        raw: RawWebhook,
    ) -> Result<VerifiedWebhook, VerifyError>;

    /// Reads a proven webhook; never fails: what it cannot read is reported inside.
    fn decode(
        &self,
        credentials: &ChannelCredentials,
        settings: &ChannelSettings,
        webhook: &VerifiedWebhook,
    ) -> Decoded;

    /// The same webhook with only the events at these pointers, signed anew; used when a batch
    /// concerns several conversations and some are in human hands.
    fn excerpt(
        &self,
        credentials: &ChannelCredentials,
        webhook: &VerifiedWebhook,
        pointers: &[String],
    ) -> Option<RawWebhook>;

    /// A webhook as the platform would send it if the contact had typed `text`, signed; wakes the
    /// bot's flow after a handoff.
    fn synthesize(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        text: &str,
        identity: Uuid,
        now: Timestamp,
    ) -> RawWebhook;

    /// The requests that say `content` to a contact.
    fn render(&self, content: &Content, context: &RenderContext) -> Vec<Part>;

    /// Whether free words may be sent now, and until when.
    fn window(
        &self,
        settings: &ChannelSettings,
        last_inbound_at: Option<Timestamp>,
    ) -> Option<Timestamp>;

    /// Sends one part; the file it uploads is the tenant's. `identity` is known before the first
    /// try and equal on every retry.
    ///
    /// # Errors
    /// The error says whether to retry, and whether the request may have arrived.
    async fn send(
        &self,
        tenant: TenantId,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError>;

    /// Gives a small sign; failures are of no consequence to messages.
    ///
    /// # Errors
    /// As [`Channel::send`].
    async fn signal(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        signal: &Signal,
    ) -> Result<(), SendError>;

    /// Opens a file of the contact.
    ///
    /// # Errors
    /// `Payload` when it is gone or too big for ever.
    async fn open_media(
        &self,
        credentials: &ChannelCredentials,
        source: &MediaSource,
        attachment: &Attachment,
    ) -> Result<MediaStream, SendError>;

    /// One live check of the credentials.
    ///
    /// # Errors
    /// One variant for each way it can fail.
    async fn validate(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<AccountInfo, ValidationError>;

    /// Sets, replaces or restores the webhook where the platform lets us.
    ///
    /// # Errors
    /// As [`Channel::send`].
    async fn set_webhook(
        &self,
        credentials: &ChannelCredentials,
        setup: &WebhookSetup,
    ) -> Result<(), SendError>;

    /// Who holds the webhook now.
    ///
    /// # Errors
    /// As [`Channel::send`].
    async fn webhook_status(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<WebhookStatus, SendError>;
}
