//! One connected line.

use crate::ids::{ChannelId, TenantId};
use crate::secret::Secret;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// WhatsApp Cloud API.
    WhatsApp,
    /// Telegram Bot API.
    Telegram,
    /// Facebook Messenger.
    Messenger,
    /// Instagram messaging.
    Instagram,
    /// A line that the bot keeps to itself: it reports through the REST API and hears by webhook.
    Api,
    /// The built-in test chat: a member plays the contact in the browser. One per tenant.
    Test,
}

impl ChannelKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::WhatsApp,
        Self::Telegram,
        Self::Messenger,
        Self::Instagram,
        Self::Api,
        Self::Test,
    ];

    /// Those that a member connects; the test chat is there by itself.
    pub const CONNECTABLE: [Self; 5] = [
        Self::WhatsApp,
        Self::Telegram,
        Self::Messenger,
        Self::Instagram,
        Self::Api,
    ];

    /// Those with a platform behind them.
    pub const PLATFORMS: [Self; 4] = [
        Self::WhatsApp,
        Self::Telegram,
        Self::Messenger,
        Self::Instagram,
    ];

    /// The stored name, also used in addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Telegram => "telegram",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
            Self::Api => "api",
            Self::Test => "test",
        }
    }

    /// From the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The platform's own spelling, for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::WhatsApp => "WhatsApp",
            Self::Telegram => "Telegram",
            Self::Messenger => "Messenger",
            Self::Instagram => "Instagram",
            Self::Api => "API",
            Self::Test => "Chat de prueba",
        }
    }

    /// Whether a platform is behind it that somebody else runs.
    #[must_use]
    pub fn has_platform(self) -> bool {
        Self::PLATFORMS.contains(&self)
    }

    /// Whether the platform keeps names out of its webhooks, so that they are asked for once
    /// (`channels.md` §4.4, §5.3).
    #[must_use]
    pub fn names_are_asked_for(self) -> bool {
        matches!(self, Self::Messenger | Self::Instagram)
    }
}

/// One connected line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Identity.
    pub id: ChannelId,
    /// Owner.
    pub tenant: TenantId,
    /// Platform.
    pub kind: ChannelKind,
    /// What the members call it.
    pub name: String,
    /// The platform's id of the line (phone number id, bot id, Page id, IG account id); unique
    /// over all tenants, so that two cannot fight over one webhook.
    pub external_id: String,
    /// The unguessable part of the webhook's and the send proxy's address.
    pub public_key: String,
    /// What a tenant can tune.
    pub settings: ChannelSettings,
    /// Whether it works.
    pub health: ChannelHealth,
}

/// What a tenant can tune per channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelSettings {
    /// Where the bot's own webhook is; webhooks are forwarded there byte for byte.
    pub bot_url: Option<String>,
    /// The webhook that was set before us, restored on disconnect (Telegram).
    pub previous_webhook: Option<String>,
    /// Accept Telegram groups (otherwise only private chats).
    pub groups: bool,
    /// WhatsApp template for words after the 24-hour window, `name` and language.
    pub reopen_template: Option<(String, String)>,
    /// Messenger/Instagram: the app may use the `HUMAN_AGENT` tag (7 days).
    pub human_agent_tag: bool,
    /// The display number, bot username or Page name told by the platform.
    pub display: Option<String>,
    /// WhatsApp: what the button says that opens a list, at most 20 characters; the tenant's
    /// language has a default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_button: Option<String>,
    /// Instagram's own login: when we last had the token renewed (`channels.md` §5.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_renewed_at: Option<Timestamp>,
    /// Instagram's own login: when the token expires, as told at the last renewal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_expires_at: Option<Timestamp>,
}

/// Whether a channel works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ChannelHealth {
    /// As far as we know.
    #[default]
    Ok,
    /// Credentials or permissions are refused; outbound messages wait.
    NeedsAttention {
        /// The platform's words.
        why: String,
    },
    /// The platform restricts the account; outbound messages wait.
    Restricted {
        /// The platform's words.
        why: String,
    },
}

/// What the tenant pasted, in memory only.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ChannelCredentials {
    /// WhatsApp Cloud API (`channels.md` §2.1).
    WhatsApp {
        /// System user token.
        access_token: Secret,
        /// Not the phone number.
        phone_number_id: String,
        /// WhatsApp Business Account.
        waba_id: String,
        /// Signs the webhooks; several are accepted while one is being rotated.
        app_secrets: Vec<Secret>,
        /// Chosen by us, pasted at Meta.
        verify_token: Secret,
    },
    /// Telegram Bot API (`channels.md` §3.1).
    Telegram {
        /// `<bot id>:<35 characters>`.
        token: Secret,
        /// Chosen by us, sent back by Telegram in a header with every update.
        webhook_secret: Secret,
    },
    /// Messenger (`channels.md` §4.1).
    Messenger {
        /// Page access token.
        page_token: Secret,
        /// The Page.
        page_id: String,
        /// Our app: tells our own echoes from foreign ones.
        app_id: String,
        /// Signs the webhooks.
        app_secrets: Vec<Secret>,
        /// Chosen by us, pasted at Meta.
        verify_token: Secret,
    },
    /// A line that the bot keeps: nothing to sign, the API key is the tenant's.
    Api {},
    /// The built-in test chat.
    Test {
        /// Signs what its page says in the contact's name.
        secret: Secret,
    },
    /// Instagram (`channels.md` §5.1).
    Instagram {
        /// How the account was connected; decides the host.
        login: InstagramLogin,
        /// Page token or Instagram user token.
        token: Secret,
        /// The professional account; webhook `entry[].id`.
        account_id: String,
        /// The linked Page (Facebook Login only).
        page_id: Option<String>,
        /// Our app.
        app_id: String,
        /// Signs the webhooks (the Instagram app secret for Instagram Login).
        app_secrets: Vec<Secret>,
        /// Chosen by us, pasted at Meta.
        verify_token: Secret,
    },
}

/// How an Instagram account was connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstagramLogin {
    /// Through the linked Facebook Page: `graph.facebook.com`.
    Facebook,
    /// Instagram's own login: `graph.instagram.com`.
    Instagram,
}

impl ChannelCredentials {
    /// The platform they belong to.
    #[must_use]
    pub fn kind(&self) -> ChannelKind {
        match self {
            Self::WhatsApp { .. } => ChannelKind::WhatsApp,
            Self::Telegram { .. } => ChannelKind::Telegram,
            Self::Messenger { .. } => ChannelKind::Messenger,
            Self::Instagram { .. } => ChannelKind::Instagram,
            Self::Api {} => ChannelKind::Api,
            Self::Test { .. } => ChannelKind::Test,
        }
    }

    /// The document that the vault seals. The only way from open to bytes.
    #[must_use]
    pub fn to_sealable(&self) -> serde_json::Value {
        let secrets = |list: &[Secret]| {
            list.iter()
                .map(|s| s.expose().to_owned())
                .collect::<Vec<_>>()
        };
        match self {
            Self::Api {} => serde_json::json!({ "kind": "api" }),
            Self::Test { secret } => {
                serde_json::json!({ "kind": "test", "secret": secret.expose() })
            }
            Self::WhatsApp {
                access_token,
                phone_number_id,
                waba_id,
                app_secrets,
                verify_token,
            } => {
                serde_json::json!({
                    "kind": "whatsapp", "access_token": access_token.expose(),
                    "phone_number_id": phone_number_id, "waba_id": waba_id,
                    "app_secrets": secrets(app_secrets), "verify_token": verify_token.expose(),
                })
            }
            Self::Telegram {
                token,
                webhook_secret,
            } => serde_json::json!({
                "kind": "telegram", "token": token.expose(), "webhook_secret": webhook_secret.expose(),
            }),
            Self::Messenger {
                page_token,
                page_id,
                app_id,
                app_secrets,
                verify_token,
            } => {
                serde_json::json!({
                    "kind": "messenger", "page_token": page_token.expose(), "page_id": page_id,
                    "app_id": app_id, "app_secrets": secrets(app_secrets),
                    "verify_token": verify_token.expose(),
                })
            }
            Self::Instagram {
                login,
                token,
                account_id,
                page_id,
                app_id,
                app_secrets,
                verify_token,
            } => {
                serde_json::json!({
                    "kind": "instagram", "login": login, "token": token.expose(),
                    "account_id": account_id, "page_id": page_id, "app_id": app_id,
                    "app_secrets": secrets(app_secrets), "verify_token": verify_token.expose(),
                })
            }
        }
    }
}
