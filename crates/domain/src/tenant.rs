//! The company that signed up, and its people.

use crate::handoff::HandoffPolicy;
use crate::ids::{MemberId, TenantId};
use crate::routing::BusinessHours;
use serde::{Deserialize, Serialize};

/// The company that signed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Identity.
    pub id: TenantId,
    /// Short name in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// The company's name as its members wrote it.
    pub name: String,
    /// How this tenant wants its handoffs handled.
    pub settings: TenantSettings,
}

/// What a tenant can tune; stored as one JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    /// The language of the texts that contacts read.
    pub language: Language,
    /// Texts, timeouts and close policy.
    pub policy: HandoffPolicy,
    /// When humans are there.
    pub hours: BusinessHours,
    /// Where the bot hears of handoffs; signed by the Standard Webhooks scheme.
    pub events_url: Option<String>,
    /// What the bot says when it did not understand: counted by the rules.
    pub fallback_phrases: Vec<String>,
}

/// The languages that Relevo speaks itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish.
    #[default]
    Es,
    /// English.
    En,
    /// Portuguese.
    Pt,
}

impl Language {
    /// The tag of the language: `es`, `en`, `pt`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
            Self::Pt => "pt",
        }
    }

    /// The language with that tag.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "es" => Some(Self::Es),
            "en" => Some(Self::En),
            "pt" => Some(Self::Pt),
            _ => None,
        }
    }
}

/// What a member may do. The order is from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads conversations and figures.
    Analyst,
    /// Besides, acts on conversations.
    Supervisor,
    /// Besides, changes channels, desk, rules and texts.
    Admin,
    /// Besides, manages members and can delete the tenant.
    Owner,
}

impl Role {
    /// All of them, from most to least.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Supervisor, Self::Analyst];

    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Supervisor => "supervisor",
            Self::Analyst => "analyst",
        }
    }

    /// From the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// A person of the tenant who logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Identity.
    pub id: MemberId,
    /// The tenant they belong to.
    pub tenant: TenantId,
    /// The address they log in with, lower-case.
    pub email: String,
    /// The name shown beside what they do.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The language of their mails, and of their pages until a browser says otherwise.
    pub language: Language,
}
