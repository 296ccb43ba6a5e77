//! One connected line on a Meta platform: a WhatsApp number, a Page or an Instagram account.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::app::Callback;
use crate::phone::kind::Kind;

/// How an Instagram account is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    /// Through its Facebook Page: page token, page id in the path.
    #[default]
    Page,
    /// Through Instagram Login: Instagram user token, `/me` or the account's id in the path.
    Login,
}

/// When a sent message comes back as an echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Echo {
    /// After the answer of the send call.
    #[default]
    After,
    /// Delivered before the answer of the send call, as often happens in reality.
    Before,
    /// Never.
    Off,
}

/// A delivery that fails after it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterFailure {
    /// Graph code, such as 131026.
    pub code: i64,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// Milliseconds after the answer.
    #[serde(default)]
    pub after_ms: u64,
}

/// How the line treats messages it sends: which receipts come, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manners {
    /// Milliseconds until `sent` (WhatsApp).
    pub sent_ms: u64,
    /// Milliseconds until `delivered`; `null` never delivers a receipt.
    pub delivered_ms: Option<u64>,
    /// Milliseconds until the contact reads by themselves; `null` leaves it to the phone.
    pub read_ms: Option<u64>,
    /// Read comes before delivered, and delivered still comes.
    pub read_first: bool,
    /// The `sent` status is delivered before the answer of the send call.
    pub status_before_answer: bool,
    /// Every message fails later.
    pub fail: Option<LaterFailure>,
    /// When echoes come (Messenger and Instagram).
    pub echo: Echo,
}

impl Default for Manners {
    fn default() -> Self {
        Manners {
            sent_ms: 0,
            delivered_ms: Some(0),
            read_ms: None,
            read_first: false,
            status_before_answer: false,
            fail: None,
            echo: Echo::After,
        }
    }
}

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which channel.
    pub kind: Kind,
    /// Phone number id, page id, or Instagram account id (what webhooks carry in `entry[].id`
    /// for the last two).
    pub id: String,
    /// The app that was used to connect it.
    pub app_id: String,
    /// Its access token.
    pub token: String,
    /// Verified name, page name or account name.
    pub name: String,
    /// WhatsApp business account.
    pub waba_id: String,
    /// WhatsApp number, digits only.
    pub number: String,
    /// WhatsApp: whether `register` was done; sending without it is refused.
    pub registered: bool,
    /// Instagram, page flavour: the page it is linked to.
    pub page_id: String,
    /// Instagram handle.
    pub username: String,
    /// Instagram flavour.
    pub flavour: Flavour,
    /// Instagram Login: the app-scoped id that `/me` calls `id`.
    pub scoped_id: String,
    /// Apps installed on the asset, with the fields each wants (empty: all).
    pub installed: BTreeMap<String, BTreeSet<String>>,
    /// A callback of its own (WhatsApp `override_callback_uri`).
    pub override_callback: Option<Callback>,
    /// Whether the Human Agent feature was granted.
    pub human_agent: bool,
    /// Conversation Routing's default app; without one every app may speak.
    pub default_app: Option<String>,
    /// WhatsApp: names of the approved templates.
    pub templates: Vec<String>,
    /// Receipts and echoes.
    pub manners: Manners,
}

impl Line {
    /// The asset on which apps are installed: WABA, page, or Instagram account.
    pub fn asset(&self) -> &str {
        match (self.kind, self.flavour) {
            (Kind::Whatsapp, _) => &self.waba_id,
            (Kind::Instagram, Flavour::Page) => &self.page_id,
            _ => &self.id,
        }
    }

    /// What webhooks carry in `entry[].id`.
    pub fn entry_id(&self) -> &str {
        match self.kind {
            Kind::Whatsapp => &self.waba_id,
            _ => &self.id,
        }
    }

    /// The node that sends: phone number id, page id, or Instagram id (Login flavour).
    pub fn sending_node(&self) -> &str {
        match (self.kind, self.flavour) {
            (Kind::Instagram, Flavour::Page) => &self.page_id,
            _ => &self.id,
        }
    }

    /// All credentials, as the platform's dashboards hand them out.
    pub fn credentials(&self, app_secret: &str) -> Value {
        let mut value = json!({
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "app_id": self.app_id,
            "app_secret": app_secret,
            "access_token": self.token,
            "installed": self.installed.keys().collect::<Vec<_>>(),
            "human_agent": self.human_agent,
            "manners": self.manners,
        });
        let more = match self.kind {
            Kind::Whatsapp => json!({
                "phone_number_id": self.id,
                "waba_id": self.waba_id,
                "display_phone_number": self.number,
                "templates": self.templates,
            }),
            Kind::Messenger => json!({"page_id": self.id}),
            _ => json!({
                "ig_id": self.id,
                "page_id": self.page_id,
                "username": self.username,
                "flavour": self.flavour,
                "scoped_id": self.scoped_id,
            }),
        };
        if let (Some(value), Some(more)) = (value.as_object_mut(), more.as_object()) {
            value.extend(more.clone());
        }
        value
    }
}

/// What may be given when a line is made; the rest is generated.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct NewLine {
    /// Phone number id, page id or Instagram id; also accepted under those names.
    #[serde(alias = "phone_number_id", alias = "ig_id")]
    pub id: Option<String>,
    /// Page id: the line itself for Messenger, the linked page for Instagram.
    pub page_id: Option<String>,
    /// Meta app; an existing id joins that app.
    pub app_id: Option<String>,
    /// Its secret.
    pub app_secret: Option<String>,
    /// Token; one that exists already is extended to this line.
    pub access_token: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// WhatsApp business account; an existing one gets one more number.
    pub waba_id: Option<String>,
    /// WhatsApp number with country code.
    pub display_phone_number: Option<String>,
    /// Instagram handle.
    pub username: Option<String>,
    /// Instagram flavour.
    pub flavour: Option<Flavour>,
    /// Install the app on the asset right away; by default that is left to the API call.
    pub subscribed: bool,
    /// WhatsApp: registered (default yes).
    pub registered: Option<bool>,
    /// Human Agent feature (default granted).
    pub human_agent: Option<bool>,
    /// Conversation Routing's default app.
    pub default_app: Option<String>,
    /// WhatsApp: approved templates (default `hello_world` and `follow_up`).
    pub templates: Option<Vec<String>>,
    /// Receipts and echoes.
    pub manners: Option<Manners>,
}
