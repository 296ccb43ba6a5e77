//! Instagram messaging (`channels.md` §5): through a linked Page, or by Instagram's own login.

pub mod errors;
mod renew;
mod validate;

use crate::channels::meta::graph::{Graph, MetaHttp, is_plain_id};
use crate::channels::meta::media::{self, MediaHosts};
use crate::channels::meta::messaging::send::Sender;
use crate::channels::meta::messaging::{Dialect, Reader, decode, profile, render, synthesize};
use crate::channels::meta::{excerpt, handshake, signature, subscription};
use async_trait::async_trait;
use domain::channel::{ChannelCredentials, ChannelSettings, InstagramLogin};
use domain::contact::{ContactAddress, ContactProfile};
use domain::ids::TenantId;
use domain::message::{Attachment, Content, MediaSource, TextUnit};
use domain::outbound::{Failure, SendError};
use domain::ports::{
    AccountInfo, Channel, Decoded, FileStore, MediaStream, Part, RawWebhook, Receipt,
    RenderContext, RenewedToken, Signal, ValidationError, VerifiedWebhook, VerifyError,
    WebhookSetup, WebhookStatus,
};
use domain::secret::Secret;
use domain::time::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

/// Instagram's side of the shared platform: texts count in bytes, and few file types are taken.
pub const DIALECT: Dialect = Dialect {
    object: "instagram",
    unit: TextUnit::Bytes,
    text_limit: 1000,
    messaging_type: false,
    image_list: true,
    images: &["image/png", "image/jpeg", "image/gif"],
    videos: &[
        "video/mp4",
        "video/ogg",
        "video/x-msvideo",
        "video/quicktime",
        "video/webm",
    ],
    audios: &[
        "audio/aac",
        "audio/mp4",
        "audio/x-m4a",
        "audio/m4a",
        "audio/wav",
        "audio/x-wav",
    ],
    files: &["application/pdf"],
};

/// The fields read on a linked Page.
const PAGE_FIELDS: [&str; 7] = [
    "messages",
    "messaging_postbacks",
    "messaging_seen",
    "message_reactions",
    "message_edits",
    "messaging_referrals",
    "messaging_handovers",
];

/// The fields read on an account with Instagram's own login.
const ACCOUNT_FIELDS: [&str; 5] = [
    "messages",
    "messaging_postbacks",
    "messaging_seen",
    "message_reactions",
    "messaging_referral",
];

/// The Instagram adapter.
pub struct Instagram {
    http: MetaHttp,
    facebook: Graph,
    instagram: Graph,
    hosts: MediaHosts,
    files: Arc<dyn FileStore>,
}

/// The credentials of an account; every field is the tenant's.
struct Account<'a> {
    login: InstagramLogin,
    token: &'a Secret,
    account_id: &'a str,
    page_id: Option<&'a str>,
    app_id: &'a str,
    secrets: &'a [Secret],
    verify_token: &'a Secret,
}

impl Account<'_> {
    /// Who speaks: the linked Page or the account itself.
    fn owner(&self) -> Option<&str> {
        let owner = match self.login {
            InstagramLogin::Facebook => self.page_id?,
            InstagramLogin::Instagram => self.account_id,
        };
        is_plain_id(owner).then_some(owner)
    }
}

impl Instagram {
    /// An adapter for two hosts, usually `https://graph.facebook.com` (accounts linked to a
    /// Page) and `https://graph.instagram.com` (Instagram's own login).
    #[must_use]
    pub fn new(
        http: MetaHttp,
        facebook_url: &str,
        instagram_url: &str,
        files: Arc<dyn FileStore>,
    ) -> Self {
        Self {
            facebook: Graph::new(http.platform.clone(), facebook_url, errors::classify),
            instagram: Graph::new(http.platform.clone(), instagram_url, errors::classify),
            hosts: MediaHosts::new([facebook_url, instagram_url]),
            http,
            files,
        }
    }

    fn graph(&self, login: InstagramLogin) -> &Graph {
        match login {
            InstagramLogin::Facebook => &self.facebook,
            InstagramLogin::Instagram => &self.instagram,
        }
    }

    fn sender<'a>(&'a self, account: &'a Account<'a>) -> Result<Sender<'a>, SendError> {
        Ok(Sender {
            graph: self.graph(account.login),
            token: account.token,
            owner: account.owner().ok_or_else(foreign)?,
            platform: Some("instagram"),
            // Quoting is documented for linked Pages only.
            quotes: account.login == InstagramLogin::Facebook,
        })
    }
}

/// The credentials are another platform's, or lack the Page.
fn foreign() -> SendError {
    SendError::clear(
        Failure::Unauthorized,
        "these are not the credentials of an Instagram account",
    )
}

fn account(credentials: &ChannelCredentials) -> Option<Account<'_>> {
    match credentials {
        ChannelCredentials::Instagram {
            login,
            token,
            account_id,
            page_id,
            app_id,
            app_secrets,
            verify_token,
        } => Some(Account {
            login: *login,
            token,
            account_id,
            page_id: page_id.as_deref(),
            app_id,
            secrets: app_secrets,
            verify_token,
        }),
        _ => None,
    }
}

#[async_trait]
impl Channel for Instagram {
    fn handshake(
        &self,
        credentials: &ChannelCredentials,
        query: &[(String, String)],
    ) -> Result<String, VerifyError> {
        let account = account(credentials).ok_or(VerifyError::Mismatch)?;
        handshake::answer(account.verify_token, query)
    }

    fn verify(
        &self,
        credentials: &ChannelCredentials,
        raw: RawWebhook,
    ) -> Result<VerifiedWebhook, VerifyError> {
        signature::verify(
            account(credentials).ok_or(VerifyError::Mismatch)?.secrets,
            raw,
        )
    }

    fn decode(
        &self,
        credentials: &ChannelCredentials,
        _settings: &ChannelSettings,
        webhook: &VerifiedWebhook,
    ) -> Decoded {
        let Some(account) = account(credentials) else {
            return Decoded::default();
        };
        let reader = Reader {
            account: account.account_id,
            app_id: account.app_id,
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
        excerpt::excerpt(account(credentials)?.secrets, webhook, pointers)
    }

    fn synthesize(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        text: &str,
        identity: Uuid,
        now: Timestamp,
    ) -> RawWebhook {
        let (secrets, id) =
            account(credentials).map_or((&[][..], ""), |a| (a.secrets, a.account_id));
        synthesize::synthesize(secrets, DIALECT.object, id, &to.key, text, identity, now)
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
        let account = account(credentials).ok_or_else(foreign)?;
        self.sender(&account)?
            .send(self.files.as_ref(), tenant, &to.key, part, identity)
            .await
    }

    async fn signal(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
        signal: &Signal,
    ) -> Result<(), SendError> {
        let account = account(credentials).ok_or_else(foreign)?;
        self.sender(&account)?.signal(&to.key, signal).await
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
        let account = account(credentials).ok_or(ValidationError::Malformed { field: "kind" })?;
        validate::validate(self.graph(account.login), &account).await
    }

    async fn profile(
        &self,
        credentials: &ChannelCredentials,
        to: &ContactAddress,
    ) -> Result<ContactProfile, SendError> {
        let account = account(credentials).ok_or_else(foreign)?;
        let graph = self.graph(account.login);
        profile::profile(graph, account.token, &to.key, "name,username").await
    }

    /// Page tokens do not expire; those of Instagram's own login do.
    async fn renew(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<Option<RenewedToken>, SendError> {
        match account(credentials) {
            Some(account) if account.login == InstagramLogin::Instagram => {
                renew::renew(&self.instagram, credentials, account.token).await
            }
            _ => Ok(None),
        }
    }

    /// Subscribes our app to the Page or the account; address and verify token are pasted by
    /// the tenant. Disconnecting leaves the app installed, since the tenant's own bot uses the
    /// same one.
    async fn set_webhook(
        &self,
        credentials: &ChannelCredentials,
        setup: &WebhookSetup,
    ) -> Result<(), SendError> {
        let account = account(credentials).ok_or_else(foreign)?;
        let sender = self.sender(&account)?;
        if setup.restore.is_some() {
            return Ok(());
        }
        let fields: &[&str] = match account.login {
            InstagramLogin::Facebook => &PAGE_FIELDS,
            InstagramLogin::Instagram => &ACCOUNT_FIELDS,
        };
        subscription::subscribe(sender.graph, account.token, sender.owner, fields).await
    }

    async fn webhook_status(
        &self,
        credentials: &ChannelCredentials,
    ) -> Result<WebhookStatus, SendError> {
        let account = account(credentials).ok_or_else(foreign)?;
        let sender = self.sender(&account)?;
        let apps = subscription::installed(sender.graph, account.token, sender.owner).await?;
        Ok(WebhookStatus {
            subscribed: Some(apps.iter().any(|app| app == account.app_id)),
            ..WebhookStatus::default()
        })
    }
}
