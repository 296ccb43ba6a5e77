//! The built-in test chat: the platform is a page of our own, where a member plays the contact.
//!
//! It goes the way of every other line. What the member says is a signed webhook that is proven,
//! decoded and stored; what the bot and the agents answer leaves through the outbox and is
//! «sent», which here means that the page may show it.

mod bot;
mod wire;

pub use bot::answer;
pub use wire::{Said, Saying, webhook};

use crate::channels::meta::signature;
use async_trait::async_trait;
use domain::channel::{ChannelCredentials, ChannelSettings};
use domain::contact::ContactAddress;
use domain::ids::TenantId;
use domain::message::{Attachment, Content, MediaSource};
use domain::outbound::{Failure, SendError};
use domain::ports::{
    AccountInfo, Channel, Decoded, MediaStream, Part, RawWebhook, Receipt, RenderContext, Signal,
    ValidationError, VerifiedWebhook, VerifyError, WebhookSetup, WebhookStatus,
};
use domain::secret::Secret;
use domain::time::Timestamp;
use uuid::Uuid;

/// The platform's id of a tenant's test chat: there is one.
#[must_use]
pub fn line_of(tenant: TenantId) -> String {
    format!("test:{tenant}")
}

/// The built-in test chat.
#[derive(Clone, Copy, Debug, Default)]
pub struct TestChat;

/// The secret under which the page signs; none of another kind's credentials fit.
pub(super) fn secret(credentials: &ChannelCredentials) -> Option<&Secret> {
    match credentials {
        ChannelCredentials::Test { secret } if !secret.is_empty() => Some(secret),
        _ => None,
    }
}

#[async_trait]
impl Channel for TestChat {
    fn handshake(
        &self,
        _credentials: &ChannelCredentials,
        _query: &[(String, String)],
    ) -> Result<String, VerifyError> {
        Err(VerifyError::Missing)
    }

    fn verify(
        &self,
        credentials: &ChannelCredentials,
        raw: RawWebhook,
    ) -> Result<VerifiedWebhook, VerifyError> {
        let secret = secret(credentials).ok_or(VerifyError::Mismatch)?;
        signature::verify(std::slice::from_ref(secret), raw)
    }

    fn decode(
        &self,
        _credentials: &ChannelCredentials,
        _settings: &ChannelSettings,
        webhook: &VerifiedWebhook,
    ) -> Decoded {
        wire::decode(webhook.raw())
    }

    /// One webhook holds one event, so its share is the whole of it.
    fn excerpt(
        &self,
        _credentials: &ChannelCredentials,
        webhook: &VerifiedWebhook,
        pointers: &[String],
    ) -> Option<RawWebhook> {
        (!pointers.is_empty()).then(|| webhook.raw().clone())
    }

    fn synthesize(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        text: &str,
        identity: Uuid,
        now: Timestamp,
    ) -> RawWebhook {
        let said = Said {
            line: String::new(),
            id: identity.simple().to_string(),
            at: now.0,
            contact: to.key.clone(),
            name: String::new(),
            says: Saying::Text {
                text: text.to_owned(),
            },
        };
        webhook(credentials, &said)
    }

    /// The page draws whatever there is: one part, whatever its length.
    fn render(&self, content: &Content, _context: &RenderContext) -> Vec<Part> {
        let body = serde_json::json!({ "kind": content.kind() });
        vec![Part {
            method: "show".to_owned(),
            body,
            file: None,
        }]
    }

    /// There is no window to miss.
    fn window(
        &self,
        _settings: &ChannelSettings,
        _last_inbound_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        Some(Timestamp(i64::MAX))
    }

    /// The page reads the conversation itself; a second try shows nothing twice.
    async fn send(
        &self,
        _tenant: TenantId,
        _credentials: &ChannelCredentials,
        _to: &ContactAddress,
        _part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        Ok(Receipt {
            external_id: identity.to_string(),
            contact: None,
        })
    }

    async fn signal(
        &self,
        _credentials: &ChannelCredentials,
        _to: &ContactAddress,
        _signal: &Signal,
    ) -> Result<(), SendError> {
        Ok(())
    }

    async fn open_media(
        &self,
        _credentials: &ChannelCredentials,
        _source: &MediaSource,
        _attachment: &Attachment,
    ) -> Result<MediaStream, SendError> {
        let why = "el chat de prueba no envía archivos";
        Err(SendError::clear(Failure::Payload, why))
    }

    async fn validate(
        &self,
        _credentials: &ChannelCredentials,
    ) -> Result<AccountInfo, ValidationError> {
        Ok(AccountInfo::default())
    }

    async fn set_webhook(
        &self,
        _credentials: &ChannelCredentials,
        _setup: &WebhookSetup,
    ) -> Result<(), SendError> {
        Ok(())
    }

    async fn webhook_status(
        &self,
        _credentials: &ChannelCredentials,
    ) -> Result<WebhookStatus, SendError> {
        Ok(WebhookStatus::default())
    }
}
