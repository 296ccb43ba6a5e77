//! One bot: its webhook, its pending updates, its chats and files.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::{Notify, Semaphore};

use super::files::BotFile;

/// The webhook of a bot.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where updates go.
    pub url: String,
    /// Value of `X-Telegram-Bot-Api-Secret-Token`.
    pub secret: Option<String>,
    /// How many deliveries may run at once.
    pub max_connections: usize,
    /// Fixed address, as given.
    pub ip_address: Option<String>,
    /// Places for running deliveries.
    pub slots: Arc<Semaphore>,
}

/// One update that waits for delivery.
#[derive(Debug, Clone)]
pub struct Update {
    /// `update_id`.
    pub id: i64,
    /// Its kind, such as `message`.
    pub kind: &'static str,
    /// The whole update.
    pub value: Value,
    /// After this moment it is lost, Unix milliseconds.
    pub expires_ms: i64,
    /// The chat, for the ledger.
    pub chat: String,
}

/// What changes about a bot.
#[derive(Debug, Default)]
pub struct BotState {
    /// The webhook, if set.
    pub webhook: Option<Webhook>,
    /// `last_error_date` (Unix seconds) and `last_error_message`.
    pub last_error: Option<(i64, String)>,
    /// Wanted kinds; `None` is the default set.
    pub allowed: Option<BTreeSet<String>>,
    /// Updates by queue: one per chat for messages, one per user for callbacks.
    pub queues: HashMap<String, VecDeque<Update>>,
    /// Queues that are being delivered.
    pub running: HashSet<String>,
    /// The last update id.
    pub last_update: i64,
    /// The last message id by chat.
    pub last_message: HashMap<String, i64>,
    /// Every message by chat and id.
    pub messages: HashMap<(String, i64), Value>,
    /// Files by file id.
    pub files: HashMap<String, BotFile>,
    /// File id by path.
    pub paths: HashMap<String, String>,
    /// When each callback query was made, Unix milliseconds.
    pub callbacks: HashMap<String, i64>,
    /// When each chat got its last message, Unix milliseconds.
    pub last_send: HashMap<String, i64>,
    /// Whether one message per second and chat is enforced.
    pub rate_limited: bool,
    /// Whether the token was revoked.
    pub revoked: bool,
    /// What `set…` methods stored, by the name after `set`.
    pub settings: HashMap<String, Map<String, Value>>,
}

/// A bot.
#[derive(Debug)]
pub struct BotAccount {
    /// Numeric id, the head of the token.
    pub id: String,
    /// The token.
    pub token: String,
    /// `first_name`.
    pub name: String,
    /// `username`.
    pub username: String,
    /// The rest.
    pub state: Mutex<BotState>,
    /// Rung when an update arrives or the webhook changes.
    pub wake: Notify,
}

impl BotAccount {
    /// The bot as a `User`.
    pub fn user(&self) -> Value {
        json!({
            "id": self.id.parse::<i64>().unwrap_or_default(), "is_bot": true,
            "first_name": self.name, "username": self.username,
        })
    }
}

/// What may be given when a bot is made; the rest is generated.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewBot {
    /// Its token; the digits before the colon are the bot's id.
    pub token: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Handle, ending in `bot`.
    pub username: Option<String>,
    /// Enforce one message per second and chat.
    pub rate_limited: bool,
}
