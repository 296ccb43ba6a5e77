//! What the bot must know about a line.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::phone::kind::Kind;

/// One line that the bot serves.
#[derive(Debug, Clone, Deserialize)]
pub struct BotConfig {
    /// Its channel kind.
    pub kind: Kind,
    /// The line's id: phone number id, page id, Instagram id, bot id.
    pub account: String,
    /// Base URL of the API the bot answers through, without a slash at the end; swapping it is all
    /// that a tenant does to put Relevo in between.
    pub api_base: String,
    /// Access token or bot token.
    pub token: String,
    /// The node it sends through on Messenger and Instagram; the line's id when missing.
    #[serde(default)]
    pub sender: Option<String>,
    /// Meta: key of the webhook signature.
    #[serde(default)]
    pub app_secret: Option<String>,
    /// Telegram: expected secret header.
    #[serde(default)]
    pub secret_token: Option<String>,
    /// Relevo's event signing secret, `whsec_…`.
    #[serde(default)]
    pub events_secret: Option<String>,
    /// The tenant's name in greetings.
    #[serde(default = "default_name")]
    pub name: String,
}

fn default_name() -> String {
    "Tienda Sol".to_owned()
}

/// Something that reached the bot.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// Position, from 1.
    pub seq: u64,
    /// Unix milliseconds.
    pub at_ms: u64,
    /// `webhook`, `webhook_refused`, `answered`, `answer_refused`, `relevo` or `relevo_refused`.
    pub kind: &'static str,
    /// The line, empty for Relevo's events.
    pub account: String,
    /// Message id, or Relevo's webhook id.
    pub id: String,
    /// The body.
    pub body: Value,
}
