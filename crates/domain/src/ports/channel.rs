//! A messaging platform.

use super::{
    AccountInfo, Decoded, MediaStream, Part, RawWebhook, Receipt, RenderContext, RenewedToken,
    Signal, ValidationError, VerifiedWebhook, VerifyError, WebhookSetup, WebhookStatus,
};
use crate::channel::{ChannelCredentials, ChannelSettings};
use crate::contact::{ContactAddress, ContactProfile};
use crate::ids::TenantId;
use crate::message::{Attachment, Content, MediaSource};
use crate::outbound::SendError;
use crate::time::Timestamp;
use async_trait::async_trait;
use uuid::Uuid;

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

    /// What proves a webhook of this line and is too secret to be stored with it: headers that are
    /// added when it is handed to the bot.
    fn secret_headers(&self, credentials: &ChannelCredentials) -> Vec<(String, String)> {
        let _ = credentials;
        Vec::new()
    }

    /// A webhook as the platform would send it if the contact had typed `text`, signed (but for
    /// [`Channel::secret_headers`]); wakes the bot's flow after a handoff.
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

    /// What the platform knows about a contact and keeps out of its webhooks; nothing by default.
    ///
    /// # Errors
    /// As [`Channel::send`]; a person without a profile is an empty one.
    async fn profile(
        &self,
        _credentials: &ChannelCredentials,
        _to: &ContactAddress,
    ) -> Result<ContactProfile, SendError> {
        Ok(ContactProfile::default())
    }

    /// Has a token renewed that would expire; `None` where tokens do not.
    ///
    /// # Errors
    /// As [`Channel::send`].
    async fn renew(
        &self,
        _credentials: &ChannelCredentials,
    ) -> Result<Option<RenewedToken>, SendError> {
        Ok(None)
    }

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
