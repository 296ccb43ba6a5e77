//! What the machine edges share: webhooks in, the bot's calls, the REST API.

pub mod body;
pub mod head;
pub mod room;
mod suspended;

use crate::api::auth::Keys;
use crate::api::limit::KeyLimits;
use adapters::accounts::Accounts;
use adapters::api_objects::ApiObjects;
use adapters::botcalls::BotCalls;
use adapters::channels::Channels;
use adapters::ingest::Ingest;
use adapters::store::Store;
use domain::ports::{Clock, FileStore};
use std::sync::Arc;

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
    /// Carries out what bots call.
    pub bots: BotCalls,
    /// Files of messages.
    pub files: Arc<dyn FileStore>,
    /// Where platforms and bots reach us.
    pub public_url: String,
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
    /// Files of messages.
    pub files: Arc<dyn FileStore>,
    /// The objects of the REST API.
    pub objects: ApiObjects,
    /// Whose API key it is.
    pub keys: Keys,
    /// How often each API key may call.
    pub limits: KeyLimits,
    /// Which tenants the host suspended.
    pub suspended: suspended::Suspended,
    /// Memory for the bodies of requests.
    pub room: room::Room,
    /// What the log was told about webhooks lately.
    pub hush: crate::hooks::Hush,
}

impl EdgeState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: EdgeParts) -> Self {
        Self {
            clock: parts.store.clock().clone(),
            store: parts.store,
            ingest: parts.ingest,
            accounts: parts.accounts,
            channels: parts.channels,
            files: parts.files,
            objects: ApiObjects::new(&parts.public_url),
            keys: Keys::default(),
            limits: KeyLimits::default(),
            suspended: suspended::Suspended::default(),
            room: room::Room::default(),
            hush: crate::hooks::Hush::default(),
            bots: parts.bots,
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
