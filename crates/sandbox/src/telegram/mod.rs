//! Telegram's Bot API.
//!
//! `methods` knows the names of the calls, `send`, `edit` and `hooks` carry them out, `updates`
//! queues what users do and delivers it, `user` is the user's side.

pub mod bot;
mod console;
mod edit;
mod entities;
pub mod errors;
pub(crate) mod files;
mod hooks;
mod markup;
mod methods;
pub mod params;
mod routes;
mod send;
mod send_more;
mod updates;
mod upload;
pub mod user;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, ServiceConfig};
pub use console::console;
use serde_json::{Value, json};

use crate::Core;
use crate::phone::ids;
use crate::phone::locked::lock;
use crate::phone::threads::Threads;
use crate::webhook::Hooks;
use bot::{BotAccount, BotState, NewBot};

/// Telegram's Bot API.
pub struct Telegram {
    /// Clock, faults, ledger, addresses.
    pub core: Core,
    /// What the users' phones show.
    pub threads: Threads,
    /// Outgoing webhooks.
    pub hooks: Arc<Hooks>,
    bots: Mutex<HashMap<String, Arc<BotAccount>>>,
    /// Files by their unique id, for the phone page.
    cdn: Mutex<HashMap<String, files::BotFile>>,
}

impl Telegram {
    /// An empty simulator.
    #[must_use]
    pub fn new(core: Core) -> Arc<Self> {
        Arc::new(Telegram {
            hooks: Hooks::new(core.clone()),
            core,
            threads: Threads::default(),
            bots: Mutex::default(),
            cdn: Mutex::default(),
        })
    }

    /// Unix milliseconds of the sandbox clock.
    pub fn now_ms(&self) -> i64 {
        i64::try_from(self.core.clock.now_ms()).unwrap_or(i64::MAX)
    }

    /// Makes a bot, as @BotFather does.
    pub fn create(&self, new: NewBot) -> Value {
        let token = new
            .token
            .unwrap_or_else(|| format!("{}:AA{}", ids::numeric("70", 10), ids::token(33)));
        let id = token.split(':').next().unwrap_or_default().to_owned();
        let bot = Arc::new(BotAccount {
            username: new.username.unwrap_or_else(|| format!("tienda{id}_bot")),
            name: new.name.unwrap_or_else(|| "Tienda Sol".to_owned()),
            state: Mutex::new(BotState {
                // Far from zero, as in reality, and different for every bot.
                last_update: 900_000_000 + i64::try_from(ids::next()).unwrap_or(0) * 1000,
                rate_limited: new.rate_limited,
                ..BotState::default()
            }),
            wake: Default::default(),
            id: id.clone(),
            token,
        });
        lock(&self.bots).insert(id, bot.clone());
        self.credentials(&bot)
    }

    fn credentials(&self, bot: &BotAccount) -> Value {
        json!({
            "kind": "telegram", "id": bot.id, "bot_id": bot.id, "token": bot.token,
            "name": bot.name, "username": bot.username, "api_base": self.core.urls.telegram,
        })
    }

    /// The bot with this id.
    pub fn bot(&self, id: &str) -> Option<Arc<BotAccount>> {
        lock(&self.bots).get(id).cloned()
    }

    /// The bot with this token, unless the token was revoked.
    pub(crate) fn by_token(&self, token: &str) -> Option<Arc<BotAccount>> {
        let bot = self.bot(token.split(':').next()?)?;
        let alive = bot.token == token && !lock(&bot.state).revoked;
        alive.then_some(bot)
    }

    /// Its accounts, for `GET /accounts`.
    #[must_use]
    pub fn accounts(&self) -> Vec<Value> {
        let mut bots: Vec<_> = lock(&self.bots).values().cloned().collect();
        bots.sort_by(|a, b| a.id.cmp(&b.id));
        bots.iter().map(|bot| self.credentials(bot)).collect()
    }

    /// Keeps a file for a bot.
    pub(crate) fn keep(&self, bot: &BotAccount, file: files::BotFile) -> files::BotFile {
        lock(&self.cdn).insert(file.unique_id.clone(), file.clone());
        let mut state = lock(&bot.state);
        state.paths.insert(file.path.clone(), file.file_id.clone());
        state.files.insert(file.file_id.clone(), file.clone());
        file
    }

    pub(crate) fn cdn_file(&self, unique_id: &str) -> Option<files::BotFile> {
        lock(&self.cdn).get(unique_id).cloned()
    }
}

/// The routes of its own listener.
pub fn service(cfg: &mut ServiceConfig) {
    cfg.default_service(web::to(routes::dispatch));
}
