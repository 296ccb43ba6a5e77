//! The Graph API: WhatsApp, Messenger and Instagram (page-linked and Instagram Login), with their
//! media hosts.
//!
//! One listener plays `graph.facebook.com`, `graph.instagram.com` and the CDN; paths work with and
//! without a version in front. `routes` finds out which node a path names, `whatsapp` and
//! `messenger` carry out sends and write events, `emit` turns events into webhooks.

mod accounts;
pub mod app;
mod auth;
mod emit;
pub mod errors;
pub mod line;
pub mod media;
pub mod messenger;
pub(crate) mod outgoing;
pub mod registry;
mod routes;
mod subscriptions;
pub mod token;
pub mod whatsapp;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub use accounts::console;
use actix_web::web::{self, ServiceConfig};

use crate::Core;
use crate::phone::threads::{Key, Threads};
use crate::webhook::Hooks;
use registry::Registry;

/// WhatsApp, Messenger and Instagram.
pub struct Graph {
    /// Clock, faults, ledger, addresses.
    pub core: Core,
    /// Apps, lines, tokens.
    pub registry: Registry,
    /// What the users' phones show.
    pub threads: Threads,
    /// Outgoing webhooks.
    pub hooks: Arc<Hooks>,
    /// Files.
    pub media: media::MediaStore,
    /// Which app owns a thread, where it is not the default app.
    pub(crate) owners: Mutex<HashMap<Key, String>>,
    pub(crate) batches: emit::Batches,
}

impl Graph {
    /// An empty simulator.
    #[must_use]
    pub fn new(core: Core) -> Arc<Self> {
        Arc::new(Graph {
            hooks: Hooks::new(core.clone()),
            core,
            registry: Registry::default(),
            threads: Threads::default(),
            media: media::MediaStore::default(),
            owners: Mutex::default(),
            batches: emit::Batches::default(),
        })
    }

    /// Unix milliseconds of the sandbox clock.
    pub fn now_ms(&self) -> i64 {
        i64::try_from(self.core.clock.now_ms()).unwrap_or(i64::MAX)
    }
}

/// The routes of its own listener.
pub fn service(cfg: &mut ServiceConfig) {
    cfg.default_service(web::to(routes::dispatch));
}
