//! WhatsApp Cloud API (`channels.md` §2).

mod decode;
pub mod errors;
mod media;
pub mod number;
mod render;
mod send;
mod synthesize;
mod validate;

use crate::channels::meta::graph::{Graph, MetaHttp, is_plain_id};
use crate::channels::meta::media::{MediaHosts, gone, open_url};
use crate::channels::meta::{excerpt, handshake, signature, subscription};
use async_trait::async_trait;
use domain::channel::{ChannelCredentials, ChannelSettings};
use domain::contact::ContactAddress;
use domain::ids::TenantId;
use domain::message::{Attachment, Content, MediaSource};
use domain::outbound::{Failure, SendError};
use domain::ports::{
    AccountInfo, Channel, Decoded, FileStore, MediaStream, Part, RawWebhook, Receipt,
    RenderContext, Signal, ValidationError, VerifiedWebhook, VerifyError, WebhookSetup,
    WebhookStatus,
};
use domain::secret::Secret;
use domain::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// The WhatsApp adapter.
pub struct WhatsApp {
    http: MetaHttp,
    graph: Graph,
    hosts: MediaHosts,
    files: Arc<dyn FileStore>,
}

/// The credentials of a line; every field is the tenant's.
struct Line<'a> {
    token: &'a Secret,
    phone_number_id: &'a str,
    waba_id: &'a str,
    secrets: &'a [Secret],
    verify_token: &'a Secret,
}

impl WhatsApp {
    /// An adapter for one host, usually `https://graph.facebook.com`.
    #[must_use]
    pub fn new(http: MetaHttp, base_url: &str, files: Arc<dyn FileStore>) -> Self {
        Self {
            graph: Graph::new(http.platform.clone(), base_url, errors::classify),
            hosts: MediaHosts::new([base_url]),
            http,
            files,
        }
    }

    fn sender<'a>(&'a self, line: &Line<'a>) -> Result<send::Sender<'a>, SendError> {
        if !is_plain_id(line.phone_number_id) {
            return Err(foreign());
        }
        Ok(send::Sender {
            graph: &self.graph,
            token: line.token,
            phone_number_id: line.phone_number_id,
        })
    }
}

/// The credentials are another platform's, or their ids could lead elsewhere.
fn foreign() -> SendError {
    SendError::clear(
        Failure::Unauthorized,
        "these are not the credentials of a WhatsApp line",
    )
}

fn line(credentials: &ChannelCredentials) -> Option<Line<'_>> {
    match credentials {
        ChannelCredentials::WhatsApp {
            access_token,
            phone_number_id,
            waba_id,
            app_secrets,
            verify_token,
        } => Some(Line {
            token: access_token,
            phone_number_id,
            waba_id,
            secrets: app_secrets,
            verify_token,
        }),
        _ => None,
    }
}

#[async_trait]
impl Channel for WhatsApp {
    fn handshake(
        &self,
        credentials: &ChannelCredentials,
        query: &[(String, String)],
    ) -> Result<String, VerifyError> {
        let line = line(credentials).ok_or(VerifyError::Mismatch)?;
        handshake::answer(line.verify_token, query)
    }

    fn verify(
        &self,
        credentials: &ChannelCredentials,
        raw: RawWebhook,
    ) -> Result<VerifiedWebhook, VerifyError> {
        signature::verify(line(credentials).ok_or(VerifyError::Mismatch)?.secrets, raw)
    }

    fn decode(
        &self,
        credentials: &ChannelCredentials,
        _settings: &ChannelSettings,
        webhook: &VerifiedWebhook,
    ) -> Decoded {
        match line(credentials) {
            Some(line) => decode::decode(line.phone_number_id, line.waba_id, webhook),
            None => Decoded::default(),
        }
    }

    fn excerpt(
        &self,
        credentials: &ChannelCredentials,
        webhook: &VerifiedWebhook,
        pointers: &[String],
    ) -> Option<RawWebhook> {
        excerpt::excerpt(line(credentials)?.secrets, webhook, pointers)
    }

    fn synthesize(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        text: &str,
        identity: Uuid,
        now: Timestamp,
    ) -> RawWebhook {
        let (secrets, ids) = line(credentials).map_or((&[][..], ("", "")), |l| {
            (l.secrets, (l.phone_number_id, l.waba_id))
        });
        synthesize::synthesize(secrets, ids, to, text, identity, now)
    }

    fn render(&self, content: &Content, context: &RenderContext) -> Vec<Part> {
        render::render(content, context)
    }

    fn window(
        &self,
        _settings: &ChannelSettings,
        last_inbound_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        Some(render::window(last_inbound_at))
    }

    async fn send(
        &self,
        tenant: TenantId,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        let line = line(credentials).ok_or_else(foreign)?;
        self.sender(&line)?
            .send(self.files.as_ref(), tenant, to, part, identity)
            .await
    }

    async fn signal(
        &self,
        credentials: &ChannelCredentials,
        _to: &ContactAddress,
        signal: &Signal,
    ) -> Result<(), SendError> {
        let line = line(credentials).ok_or_else(foreign)?;
        self.sender(&line)?.signal(signal).await
    }

    async fn open_media(
        &self,
        credentials: &ChannelCredentials,
        source: &MediaSource,
        _attachment: &Attachment,
    ) -> Result<MediaStream, SendError> {
        let line = line(credentials).ok_or_else(foreign)?;
        match source {
            MediaSource::Url { url } => open_url(&self.http, &self.hosts, url).await,
            MediaSource::Id { id, .. } if !is_plain_id(id) => Err(gone()),
            MediaSource::Id { id, .. } => {
                let fetcher = media::Fetcher {
                    http: &self.http,
                    graph: &self.graph,
                    hosts: &self.hosts,
                    token: line.token,
                    phone_number_id: line.phone_number_id,
                };
                fetcher.open(id).await
            }
        }
    }

    async fn validate(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<AccountInfo, ValidationError> {
        let line = line(credentials).ok_or(ValidationError::Malformed { field: "kind" })?;
        validate::validate(&self.graph, &line).await
    }

    /// Subscribes our app to the business account; address and verify token are pasted by the
    /// tenant. Disconnecting leaves the app installed: other numbers of the same business
    /// account, and the tenant's own bot, hang on it.
    async fn set_webhook(
        &self,
        credentials: &ChannelCredentials,
        setup: &WebhookSetup,
    ) -> Result<(), SendError> {
        let line = line(credentials).ok_or_else(foreign)?;
        if !is_plain_id(line.waba_id) {
            return Err(foreign());
        }
        if setup.restore.is_some() {
            return Ok(());
        }
        subscription::subscribe(&self.graph, line.token, line.waba_id, &[]).await
    }

    /// The app's id is not among the credentials, so any installed app counts as ours.
    async fn webhook_status(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<WebhookStatus, SendError> {
        let line = line(credentials).ok_or_else(foreign)?;
        if !is_plain_id(line.waba_id) {
            return Err(foreign());
        }
        let apps = subscription::installed(&self.graph, line.token, line.waba_id).await?;
        Ok(WebhookStatus {
            subscribed: Some(!apps.is_empty()),
            ..WebhookStatus::default()
        })
    }
}
