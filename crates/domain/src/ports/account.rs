//! An account at a platform: whether its credentials work and who holds its webhook.

use crate::channel::ChannelCredentials;
use std::time::Duration;

/// What a successful validation found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountInfo {
    /// The platform's id of the line.
    pub external_id: String,
    /// What people know it by: number, `@bot`, Page name.
    pub display: String,
    /// Who holds the webhook now, if it is not us.
    pub foreign_webhook: Option<String>,
    /// Things to know that do not prevent it from working, as message keys.
    pub warnings: Vec<String>,
}

/// A token in the place of one that would have expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewedToken {
    /// The credentials with the new token.
    pub credentials: ChannelCredentials,
    /// How long it lasts.
    pub lasts: Duration,
}

/// Why credentials do not work. Each has its own text beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidationError {
    /// A value has the wrong shape.
    #[error("{field}: malformed")]
    Malformed {
        /// Which field.
        field: &'static str,
    },
    /// The token is wrong, expired or revoked.
    #[error("token refused: {detail}")]
    Token {
        /// The platform's words.
        detail: String,
    },
    /// The token lacks a permission.
    #[error("permission missing: {detail}")]
    Permission {
        /// The platform's words.
        detail: String,
    },
    /// The id does not exist or is not visible to this token.
    #[error("{field}: not found")]
    NotFound {
        /// Which field.
        field: &'static str,
        /// The platform's words.
        detail: String,
    },
    /// The ids do not belong together (WABA and number, Page and token).
    #[error("{field}: belongs to something else")]
    Mismatch {
        /// Which field.
        field: &'static str,
    },
    /// The platform could not be reached or answered with an error of its own.
    #[error("platform unreachable: {detail}")]
    Unreachable {
        /// What happened.
        detail: String,
    },
}

/// How our webhook is to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSetup {
    /// Our address.
    pub callback_url: String,
    /// Put this address back instead of ours (disconnecting); `None` inside = remove.
    pub restore: Option<Option<String>>,
}

/// Who holds the webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookStatus {
    /// The address the platform calls now, where it tells.
    pub url: Option<String>,
    /// Updates that wait at the platform.
    pub pending: Option<u64>,
    /// The platform's last complaint about us.
    pub last_error: Option<String>,
    /// Whether our app is subscribed (Meta).
    pub subscribed: Option<bool>,
}
