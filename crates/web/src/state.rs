//! What every request can reach, wired once by the program.

use adapters::accounts::Accounts;
use adapters::ingest::Ingest;
use adapters::net::Guarded;
use adapters::password::Passwords;
use adapters::signed_link::SignedLinks;
use adapters::store::Store;
use async_trait::async_trait;
use domain::channel::ChannelKind;
use domain::desk::DeskAccount;
use domain::ids::TenantId;
use domain::ports::{Channel, Clock, FileStore, IdSource, Queue, Vault};
use domain::secret::Secret;
use std::collections::HashMap;
use std::sync::Arc;
use url::Url;

use crate::mail::MailMode;
use crate::security::session_store::SessionBackend;
use crate::security::throttle::Throttle;

/// What every request can reach; one `web::Data`.
pub struct AppState {
    /// The database.
    pub store: Store,
    /// Live updates, and whether the queue answers.
    pub queue: Arc<dyn Queue>,
    /// Seals and opens credentials.
    pub vault: Arc<dyn Vault>,
    /// Files of messages.
    pub files: Arc<dyn FileStore>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub ids: Arc<dyn IdSource>,
    /// The platforms.
    pub channels: HashMap<ChannelKind, Arc<dyn Channel>>,
    /// The one way into a conversation.
    pub ingest: Ingest,
    /// Opened connections in memory: told when something was saved.
    pub accounts: Accounts,
    /// Tries a Let's Talk connection.
    pub desk_probe: Arc<dyn DeskProbe>,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Opens signed history links.
    pub links: Arc<SignedLinks>,
    /// Refuses private addresses.
    pub guarded: Guarded,
    /// The secret that signs a tenant's event webhooks.
    pub event_secrets: Arc<dyn EventSecrets>,
    /// Where browser sessions are kept.
    pub sessions: SessionBackend,
    /// Slows down guessing.
    pub throttle: Throttle,
    /// The figures in Prometheus' text format, for `/metrics`.
    pub figures: Arc<dyn Fn() -> String + Send + Sync>,
    /// Where browsers, platforms and bots reach us; without a trailing slash in use.
    pub public_url: Url,
    /// How many proxies of ours stand in front and add to `X-Forwarded-For`; 0: nobody is
    /// believed.
    pub behind_proxy: u8,
    /// What happens to mails.
    pub mail: MailMode,
}

impl AppState {
    /// An absolute address of ours; `path` begins with a slash.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// Whether browsers reach us by https: cookies are `Secure` then.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Where the platform delivers the webhooks of a channel.
    #[must_use]
    pub fn webhook_address(&self, channel: &domain::channel::Channel) -> String {
        self.address(&format!(
            "/hooks/{}/{}",
            channel.kind.name(),
            channel.public_key
        ))
    }

    /// The base address that the bot's library uses instead of the platform's; for a line that the
    /// bot keeps to itself, the REST API.
    #[must_use]
    pub fn proxy_address(&self, channel: &domain::channel::Channel) -> String {
        let family = match channel.kind {
            ChannelKind::Api => return self.address("/api/v1"),
            ChannelKind::Telegram => "telegram",
            _ => "graph",
        };
        self.address(&format!("/proxy/{family}/{}", channel.public_key))
    }
}

/// One step of trying a Let's Talk connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeStep {
    /// The base address answers.
    Reach,
    /// A client can be created with the consumer key and token.
    CreateClient,
    /// The agent's key is accepted.
    AgentKey,
    /// PubNub takes the subscribe key and the agent's key.
    Subscribe,
}

impl ProbeStep {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 4] = [
        Self::Reach,
        Self::CreateClient,
        Self::AgentKey,
        Self::Subscribe,
    ];

    /// The ending of its text's key.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reach => "reach",
            Self::CreateClient => "create_client",
            Self::AgentKey => "agent_key",
            Self::Subscribe => "subscribe",
        }
    }
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// It works.
    Ok,
    /// It does not; the other side's words, without secrets.
    Failed(String),
    /// An earlier step is missing.
    Skipped,
}

/// Tries a Let's Talk connection for real: creates a client, subscribes.
#[async_trait]
pub trait DeskProbe: Send + Sync {
    /// Every step in order, with how it went. Never fails itself.
    async fn probe(&self, account: &DeskAccount) -> Vec<(ProbeStep, ProbeOutcome)>;
}

/// The secrets that sign event webhooks (`whsec_…`, Standard Webhooks).
#[async_trait]
pub trait EventSecrets: Send + Sync {
    /// The tenant's secret, made on first use.
    ///
    /// # Errors
    /// Words for the log.
    async fn of(&self, tenant: TenantId) -> Result<Secret, String>;
}
