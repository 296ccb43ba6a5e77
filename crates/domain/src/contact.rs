//! The person who writes in.

use crate::ids::{ChannelId, ContactId, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The person who writes in, as known on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Identity.
    pub id: ContactId,
    /// Owner.
    pub tenant: TenantId,
    /// The channel they write on.
    pub channel: ChannelId,
    /// Who they are to the platform.
    pub address: ContactAddress,
    /// What the platform told about them.
    pub profile: ContactProfile,
    /// Their last word to us; the service windows count from here (the platform's clock).
    pub last_inbound_at: Option<Timestamp>,
    /// Set when the platform said they cannot be reached (blocked, left).
    pub unreachable_since: Option<Timestamp>,
}

/// Who a contact is to the platform.
///
/// WhatsApp's phone number is no longer an identity: `user_id` is, when it is there, and the
/// number is an alias (`channels.md` §2.3). Telegram: the chat id. Messenger: the PSID of this
/// Page. Instagram: the IGSID of this account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ContactAddress {
    /// The stable key on this channel.
    pub key: String,
    /// Another id of the same person on this channel (WhatsApp: the `wa_id`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Telegram forum topic, where the tenant has opted in to groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
}

impl ContactAddress {
    /// An address with a key only.
    #[must_use]
    pub fn of(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            alias: None,
            thread: None,
        }
    }
}

/// What the platform, the bot or a member told about a contact. All optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactProfile {
    /// The name shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The handle on the platform, without `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// E.164 with the plus sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// A real e-mail address, if the bot or the contact gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// BCP 47, as the platform sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Free attributes, set by the bot through the API.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Tags, set by rules, members and the API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl ContactProfile {
    /// Takes over what `newer` knows and keeps the rest; tags are united.
    #[must_use]
    pub fn merged(&self, newer: &Self) -> Self {
        let mut merged = self.clone();
        let fields = [
            (&mut merged.name, &newer.name),
            (&mut merged.username, &newer.username),
            (&mut merged.phone, &newer.phone),
            (&mut merged.email, &newer.email),
            (&mut merged.language, &newer.language),
        ];
        for (known, told) in fields {
            if let Some(value) = told.as_ref().filter(|v| !v.trim().is_empty()) {
                *known = Some(value.clone());
            }
        }
        merged.attributes.extend(newer.attributes.clone());
        for tag in &newer.tags {
            if !merged.tags.contains(tag) {
                merged.tags.push(tag.clone());
            }
        }
        merged
    }
}
