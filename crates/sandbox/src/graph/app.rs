//! A Meta app: its secret and where its webhooks go.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::phone::kind::Kind;

/// The webhook object types; an app has one callback for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// WhatsApp.
    WhatsappBusinessAccount,
    /// Messenger.
    Page,
    /// Instagram, both flavours.
    Instagram,
}

impl Object {
    /// The object under which a line's events are sent. `None` for Telegram, which is not Meta's.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Whatsapp => Some(Object::WhatsappBusinessAccount),
            Kind::Messenger => Some(Object::Page),
            Kind::Instagram => Some(Object::Instagram),
            Kind::Telegram => None,
        }
    }

    /// Graph's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Object::WhatsappBusinessAccount => "whatsapp_business_account",
            Object::Page => "page",
            Object::Instagram => "instagram",
        }
    }

    /// From Graph's name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Object::WhatsappBusinessAccount,
            Object::Page,
            Object::Instagram,
        ]
        .into_iter()
        .find(|object| object.name() == name)
    }
}

/// A verified callback.
#[derive(Debug, Clone, Serialize)]
pub struct Callback {
    /// Where webhooks are posted.
    pub url: String,
    /// What the handshake carried.
    pub verify_token: String,
    /// Subscribed fields; empty means all.
    pub fields: BTreeSet<String>,
}

impl Callback {
    /// Whether events of this field are wanted.
    pub fn wants(&self, field: &str) -> bool {
        self.fields.is_empty() || self.fields.contains(field)
    }
}

/// How the app's webhooks are written and grouped.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Writing {
    /// Escape everything outside ASCII as `\u00e4`, as Meta does; off sends raw UTF-8.
    pub escape_unicode: bool,
    /// Put up to this many entries into one POST; 1 sends each alone.
    pub batch: usize,
    /// How long an entry waits for company, in milliseconds.
    pub linger_ms: u64,
}

impl Default for Writing {
    fn default() -> Self {
        Writing {
            escape_unicode: true,
            batch: 1,
            linger_ms: 20,
        }
    }
}

/// A Meta app.
#[derive(Debug, Clone)]
pub struct App {
    /// Numeric id.
    pub id: String,
    /// Key of the webhook signature.
    pub secret: String,
    /// One callback per object.
    pub callbacks: HashMap<Object, Callback>,
    /// How its webhooks are written.
    pub writing: Writing,
}

impl App {
    /// The app access token in its short form.
    pub fn token(&self) -> String {
        format!("{}|{}", self.id, self.secret)
    }
}
