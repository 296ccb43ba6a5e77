//! The example bot: a tenant's own program.
//!
//! It receives the platforms' webhooks (checks their signatures itself), answers through whatever
//! base URL it was given (in the demo Relevo's send proxy), and listens to Relevo's own signed
//! events. It knows nothing about handing over: «agente» is not understood, and that is the point.

mod answer;
mod config;
mod intake;
mod routes;
mod speak;
mod verify;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub use config::{BotConfig, Event};
pub use routes::{console, service};
use serde_json::Value;

use crate::Core;
use crate::ledger::{Entry, Service};
use crate::phone::kind::Kind;
use crate::phone::locked::lock;

/// The example bot.
pub struct Bot {
    core: Core,
    configs: Mutex<HashMap<(Kind, String), BotConfig>>,
    events: Mutex<Vec<Event>>,
}

impl Bot {
    /// A bot that serves nobody yet.
    #[must_use]
    pub fn new(core: Core) -> Arc<Self> {
        Arc::new(Bot {
            core,
            configs: Mutex::default(),
            events: Mutex::default(),
        })
    }

    /// Starts serving a line, or changes how.
    pub fn configure(&self, config: BotConfig) {
        lock(&self.configs).insert((config.kind, config.account.clone()), config);
    }

    /// Where this bot wants a line's webhooks.
    pub fn webhook_url(&self, kind: Kind, account: &str) -> String {
        format!("{}/hook/{kind}/{account}", self.core.urls.bot)
    }

    /// Where this bot wants Relevo's events.
    pub fn events_url(&self) -> String {
        format!("{}/relevo", self.core.urls.bot)
    }

    fn config(&self, kind: Kind, account: &str) -> Option<BotConfig> {
        lock(&self.configs)
            .get(&(kind, account.to_owned()))
            .cloned()
    }

    fn event_secrets(&self) -> Vec<String> {
        lock(&self.configs)
            .values()
            .filter_map(|config| config.events_secret.clone())
            .collect()
    }

    /// What has reached the bot after `seq`, oldest first.
    pub fn events(&self, after: u64) -> Vec<Event> {
        lock(&self.events)
            .iter()
            .filter(|event| event.seq > after)
            .cloned()
            .collect()
    }

    fn remember(&self, kind: &'static str, account: &str, id: &str, body: Value) {
        let mut events = lock(&self.events);
        let seq = events.len() as u64 + 1;
        events.push(Event {
            seq,
            at_ms: self.core.clock.now_ms(),
            kind,
            account: account.to_owned(),
            id: id.to_owned(),
            body: body.clone(),
        });
        drop(events);
        self.core.ledger.append(
            Service::Bot,
            Entry {
                kind,
                account: account.to_owned(),
                id: id.to_owned(),
                raw: body,
                ..Entry::default()
            },
        );
    }
}
