//! What the machine edges share: webhooks in, the bot's calls, the REST API.

pub mod body;
pub mod head;

use crate::api::limit::KeyLimits;
use adapters::accounts::Accounts;
use adapters::botcalls::{BotCalls, BotParts, PlatformBases};
use adapters::channels::Channels;
use adapters::ingest::Ingest;
use adapters::net::Http;
use adapters::store::Store;
use domain::ports::{Clock, Vault};
use std::sync::Arc;
use tokio::sync::Semaphore;
use url::Url;

/// Request bodies of the send proxy that may lie in memory at once, in KiB.
const ROOM_KIB: usize = 256 * 1024;

/// What the edges are made of.
pub struct EdgeParts {
    /// The database.
    pub store: Store,
    /// The way into conversations.
    pub ingest: Ingest,
    /// Opened lines.
    pub accounts: Accounts,
    /// The platforms.
    pub channels: Channels,
    /// Seals credentials.
    pub vault: Arc<dyn Vault>,
    /// The HTTP clients.
    pub http: Http,
    /// Where the platforms are.
    pub platform: PlatformBases,
    /// Where platforms and bots reach us.
    pub public_url: Url,
}

/// What every request of a machine can reach; one `web::Data`.
pub struct EdgeState {
    /// The database.
    pub store: Store,
    /// The way into conversations.
    pub ingest: Ingest,
    /// Opened lines.
    pub accounts: Accounts,
    /// The platforms.
    pub channels: Channels,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Carries out what bots call.
    pub bots: BotCalls,
    /// How often each API key may call.
    pub limits: KeyLimits,
    /// Room for request bodies of the send proxy, in KiB.
    pub room: Arc<Semaphore>,
}

impl EdgeState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: EdgeParts) -> Self {
        Self {
            store: parts.store.clone(),
            ingest: parts.ingest.clone(),
            accounts: parts.accounts.clone(),
            channels: parts.channels.clone(),
            clock: parts.store.clock().clone(),
            limits: KeyLimits::default(),
            room: Arc::new(Semaphore::new(ROOM_KIB)),
            bots: BotCalls::new(BotParts {
                store: parts.store,
                ingest: parts.ingest,
                accounts: parts.accounts,
                channels: parts.channels,
                vault: parts.vault,
                http: parts.http,
                bases: parts.platform,
                public_url: parts.public_url,
            }),
        }
    }
}

/// The routes of all edges; needs one `web::Data<EdgeState>`.
pub fn configure(config: &mut actix_web::web::ServiceConfig) {
    config
        .configure(crate::hooks::configure)
        .configure(crate::proxy::configure)
        .configure(crate::api::configure);
}
