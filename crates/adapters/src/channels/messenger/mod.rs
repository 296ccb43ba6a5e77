//! Facebook Messenger (`channels.md` §4).

pub mod errors;
mod validate;

use crate::channels::meta::graph::{Graph, MetaHttp, is_plain_id};
use crate::channels::meta::media::{self, MediaHosts};
use crate::channels::meta::messaging::send::Sender;
use crate::channels::meta::messaging::{Dialect, Reader, decode, profile, render, synthesize};
use crate::channels::meta::{excerpt, handshake, signature, subscription};
use async_trait::async_trait;
use domain::channel::{ChannelCredentials, ChannelSettings};
use domain::contact::{ContactAddress, ContactProfile};
use domain::ids::TenantId;
use domain::message::{Attachment, Content, MediaSource, TextUnit};
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

/// Messenger's side of the shared platform.
pub const DIALECT: Dialect = Dialect {
    object: "page",
    unit: TextUnit::Characters,
    text_limit: 2000,
    messaging_type: true,
    image_list: false,
    images: &["image/jpeg", "image/png", "image/gif", "image/webp"],
    videos: &[
        "video/mp4",
        "video/quicktime",
        "video/webm",
        "video/ogg",
        "video/x-msvideo",
    ],
    audios: &[
        "audio/mpeg",
        "audio/mp4",
        "audio/x-m4a",
        "audio/m4a",
        "audio/aac",
        "audio/ogg",
        "audio/wav",
        "audio/x-wav",
    ],
    files: &[],
};

/// The fields of a Page's webhook that we read.
const FIELDS: [&str; 11] = [
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_reads",
    "message_deliveries",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_optins",
    "messaging_handovers",
    "standby",
];

/// The Messenger adapter.
pub struct Messenger {
    http: MetaHttp,
    graph: Graph,
    hosts: MediaHosts,
    files: Arc<dyn FileStore>,
}

/// The credentials of a Page; every field is the tenant's.
struct Page<'a> {
    token: &'a Secret,
    page_id: &'a str,
    app_id: &'a str,
    secrets: &'a [Secret],
    verify_token: &'a Secret,
}

impl Messenger {
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

    fn sender<'a>(&'a self, page: &Page<'a>) -> Result<Sender<'a>, SendError> {
        if !is_plain_id(page.page_id) {
            return Err(foreign());
        }
        Ok(Sender {
            graph: &self.graph,
            token: page.token,
            owner: page.page_id,
            platform: None,
            quotes: true,
        })
    }
}

/// The credentials are another platform's, or their ids could lead elsewhere.
fn foreign() -> SendError {
    SendError::clear(
        Failure::Unauthorized,
        "these are not the credentials of a Page",
    )
}

fn page(credentials: &ChannelCredentials) -> Option<Page<'_>> {
    match credentials {
        ChannelCredentials::Messenger {
            page_token,
            page_id,
            app_id,
            app_secrets,
            verify_token,
        } => Some(Page {
            token: page_token,
            page_id,
            app_id,
            secrets: app_secrets,
            verify_token,
        }),
        _ => None,
    }
}

#[async_trait]
impl Channel for Messenger {
    fn handshake(
        &self,
        credentials: &ChannelCredentials,
        query: &[(String, String)],
    ) -> Result<String, VerifyError> {
        let page = page(credentials).ok_or(VerifyError::Mismatch)?;
        handshake::answer(page.verify_token, query)
    }

    fn verify(
        &self,
        credentials: &ChannelCredentials,
        raw: RawWebhook,
    ) -> Result<VerifiedWebhook, VerifyError> {
        signature::verify(page(credentials).ok_or(VerifyError::Mismatch)?.secrets, raw)
    }

    fn decode(
        &self,
        credentials: &ChannelCredentials,
        _settings: &ChannelSettings,
        webhook: &VerifiedWebhook,
    ) -> Decoded {
        let Some(page) = page(credentials) else {
            return Decoded::default();
        };
        let reader = Reader {
            account: page.page_id,
            app_id: page.app_id,
            hosts: &self.hosts,
        };
        decode::decode(&reader, webhook)
    }

    fn excerpt(
        &self,
        credentials: &ChannelCredentials,
        webhook: &VerifiedWebhook,
        pointers: &[String],
    ) -> Option<RawWebhook> {
        excerpt::excerpt(page(credentials)?.secrets, webhook, pointers)
    }

    fn synthesize(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        text: &str,
        identity: Uuid,
        now: Timestamp,
    ) -> RawWebhook {
        let (secrets, account) =
            page(credentials).map_or((&[][..], ""), |p| (p.secrets, p.page_id));
        synthesize::synthesize(
            secrets,
            DIALECT.object,
            account,
            &to.key,
            text,
            identity,
            now,
        )
    }

    fn render(&self, content: &Content, context: &RenderContext) -> Vec<Part> {
        render::render(&DIALECT, content, context)
    }

    fn window(
        &self,
        settings: &ChannelSettings,
        last_inbound_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        Some(render::window(settings, last_inbound_at))
    }

    async fn send(
        &self,
        tenant: TenantId,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        part: &Part,
        identity: Uuid,
    ) -> Result<Receipt, SendError> {
        let page = page(credentials).ok_or_else(foreign)?;
        self.sender(&page)?
            .send(self.files.as_ref(), tenant, &to.key, part, identity)
            .await
    }

    async fn signal(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        signal: &Signal,
    ) -> Result<(), SendError> {
        let page = page(credentials).ok_or_else(foreign)?;
        self.sender(&page)?.signal(&to.key, signal).await
    }

    async fn open_media(
        &self,
        _credentials: &ChannelCredentials,
        source: &MediaSource,
        _attachment: &Attachment,
    ) -> Result<MediaStream, SendError> {
        match source {
            MediaSource::Url { url } => media::open_url(&self.http, &self.hosts, url).await,
            MediaSource::Id { .. } => Err(media::gone()),
        }
    }

    async fn validate(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<AccountInfo, ValidationError> {
        let page = page(credentials).ok_or(ValidationError::Malformed { field: "kind" })?;
        validate::validate(&self.graph, &page).await
    }

    async fn profile(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
    ) -> Result<ContactProfile, SendError> {
        let page = page(credentials).ok_or_else(foreign)?;
        let fields = "first_name,last_name";
        profile::profile(&self.graph, page.token, &to.key, fields).await
    }

    /// Subscribes our app to the Page; address and verify token are pasted by the tenant.
    /// Disconnecting leaves the app installed, since the tenant's own bot uses the same one.
    async fn set_webhook(
        &self,
        credentials: &ChannelCredentials,
        setup: &WebhookSetup,
    ) -> Result<(), SendError> {
        let page = page(credentials).ok_or_else(foreign)?;
        let sender = self.sender(&page)?;
        if setup.restore.is_some() {
            return Ok(());
        }
        subscription::subscribe(&self.graph, page.token, sender.owner, &FIELDS).await
    }

    async fn webhook_status(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<WebhookStatus, SendError> {
        let page = page(credentials).ok_or_else(foreign)?;
        let sender = self.sender(&page)?;
        let apps = subscription::installed(&self.graph, page.token, sender.owner).await?;
        Ok(WebhookStatus {
            subscribed: Some(apps.iter().any(|app| app == page.app_id)),
            ..WebhookStatus::default()
        })
    }
}
