//! A webhook, from the bytes that came in to what it holds.

use crate::contact::{ContactAddress, ContactProfile};
use crate::message::{Content, DeliveryUpdate};
use crate::time::Timestamp;
use bytes::Bytes;
use uuid::Uuid;

/// A webhook as it came in: nothing about it is believed yet.
#[derive(Clone, Debug)]
pub struct RawWebhook {
    /// Header names in lower case with their values, in order, repeated ones repeated.
    pub headers: Vec<(String, String)>,
    /// The exact bytes; signatures are computed over them.
    pub body: Bytes,
}

/// The headers of a platform's own that may be stored and handed on. What else came was our
/// server's, or it is a secret in the clear: that one is put back by
/// [`Channel::secret_headers`](super::Channel::secret_headers).
const KEPT: [&str; 4] = [
    "content-type",
    "user-agent",
    "x-hub-signature",
    "x-hub-signature-256",
];

impl RawWebhook {
    /// The headers that may be stored and handed on, in order.
    pub fn kept_headers(&self) -> impl Iterator<Item = &(String, String)> {
        let kept = |(name, _): &&(String, String)| KEPT.contains(&name.as_str());
        self.headers.iter().filter(kept)
    }

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

/// A webhook whose sender is proven. Only [`Channel::verify`](super::Channel::verify) hands these out.
#[derive(Clone, Debug)]
pub struct VerifiedWebhook(RawWebhook);

impl VerifiedWebhook {
    /// To be called by [`Channel::verify`](super::Channel::verify) once the signature holds.
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

/// The code of account news that mean nothing is wrong: events that are no conversation.
pub const QUIET_NEWS: &str = "other_update";

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
