//! What the worker works with, wired once by the program.

use adapters::accounts::Accounts;
use adapters::api_objects::ApiObjects;
use adapters::botcalls::BotCalls;
use adapters::channels::Channels;
use adapters::ingest::Ingest;
use adapters::links::Links;
use adapters::net::Http;
use adapters::store::Store;
use domain::ports::{Clock, Desk, FileStore, Queue, Vault};
use std::sync::Arc;

/// What the worker works with.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub store: Store,
    /// The one way into conversations.
    pub ingest: Ingest,
    /// Wake-ups.
    pub queue: Arc<dyn Queue>,
    /// Seals clients' tokens.
    pub vault: Arc<dyn Vault>,
    /// Lines and desks, opened.
    pub accounts: Accounts,
    /// The platforms.
    pub channels: Channels,
    /// Let's Talk.
    pub desk: Arc<dyn Desk>,
    /// Files of messages.
    pub files: Arc<dyn FileStore>,
    /// Carries out what a bot calls in its answer to a webhook.
    pub bots: BotCalls,
    /// What bots are told, in the shape of the API.
    pub objects: ApiObjects,
    /// HTTP towards bots.
    pub http: Http,
    /// Signed addresses for agents.
    pub links: Links,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}
