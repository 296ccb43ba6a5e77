//! Telegram, Bot API (`channels.md` §3).
//!
//! A webhook goes through [`verify`], [`decode`]; an answer through [`render`], [`send`].
//! Telegram knows no idempotency key and leaves no trace of what a bot sent, so an ambiguous
//! try that is repeated may be seen twice: at least once is the best there is.

mod api;
mod decode;
mod media;
mod method;
mod node;
mod refusal;
mod render;
mod send;
mod synthesize;
mod verify;
mod webhook;

use crate::net::Http;
use api::Api;
use async_trait::async_trait;
use domain::channel::{ChannelCredentials, ChannelSettings};
use domain::contact::ContactAddress;
use domain::ids::TenantId;
use domain::message::{Attachment, Content, MediaSource};
use domain::outbound::SendError;
use domain::ports::{
    AccountInfo, Channel, Decoded, FileStore, MediaStream, Part, RawWebhook, Receipt,
    RenderContext, Signal, ValidationError, VerifiedWebhook, VerifyError, WebhookSetup,
    WebhookStatus,
};
use domain::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// The Telegram Bot API.
pub struct Telegram {
    api: Api,
    files: Arc<dyn FileStore>,
}

impl Telegram {
    /// Talks to the server at `base_url` (`https://api.telegram.org`) and uploads from `files`.
    #[must_use]
    pub fn new(http: Http, base_url: &str, files: Arc<dyn FileStore>) -> Self {
        Self {
            api: Api::new(http, base_url),
            files,
        }
    }
}

#[async_trait]
impl Channel for Telegram {
    /// Telegram has no handshake: whoever asks for one is not Telegram.
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
        verify::verify(credentials, raw)
    }

    fn decode(
        &self,
        credentials: &ChannelCredentials,
        settings: &ChannelSettings,
        webhook: &VerifiedWebhook,
    ) -> Decoded {
        decode::decode(credentials, settings, &webhook.raw().body)
    }

    /// One webhook is one update of one chat, so an excerpt is the whole.
    fn excerpt(
        &self,
        _credentials: &ChannelCredentials,
        webhook: &VerifiedWebhook,
        pointers: &[String],
    ) -> Option<RawWebhook> {
        (!pointers.is_empty()).then(|| webhook.raw().clone())
    }

    fn secret_headers(&self, credentials: &ChannelCredentials) -> Vec<(String, String)> {
        verify::secret_header(credentials).into_iter().collect()
    }

    fn synthesize(
        &self,
        _credentials: &ChannelCredentials,
        to: &ContactAddress,
        text: &str,
        identity: Uuid,
        now: Timestamp,
    ) -> RawWebhook {
        synthesize::synthesize(to, text, identity, now)
    }

    fn render(&self, content: &Content, context: &RenderContext) -> Vec<Part> {
        render::render(content, context)
    }

    /// Open for ever: Telegram has no service window.
    fn window(
        &self,
        _settings: &ChannelSettings,
        _last_inbound_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        Some(Timestamp(i64::MAX))
    }

    async fn send(
        &self,
        tenant: TenantId,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        let token = api::token(credentials)?;
        let outgoing = send::Outgoing::load(self.files.as_ref(), tenant, to, part).await?;
        send::send(&self.api, token, outgoing, identity).await
    }

    async fn signal(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        signal: &Signal,
    ) -> Result<(), SendError> {
        send::signal(&self.api, api::token(credentials)?, to, signal).await
    }

    async fn open_media(
        &self,
        credentials: &ChannelCredentials,
        source: &MediaSource,
        attachment: &Attachment,
    ) -> Result<MediaStream, SendError> {
        media::open(&self.api, api::token(credentials)?, source, attachment).await
    }

    async fn validate(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<AccountInfo, ValidationError> {
        webhook::validate(&self.api, credentials).await
    }

    async fn set_webhook(
        &self,
        credentials: &ChannelCredentials,
        setup: &WebhookSetup,
    ) -> Result<(), SendError> {
        webhook::set(&self.api, credentials, setup).await
    }

    async fn webhook_status(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<WebhookStatus, SendError> {
        webhook::status(&self.api, api::token(credentials)?).await
    }
}
