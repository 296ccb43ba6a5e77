//! Access tokens: which app, which assets, which permissions, and whether they still live.

use serde::{Deserialize, Serialize};

use super::errors::GraphError;
use crate::phone::kind::Kind;

/// Whether a token still works, and how it died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// Works.
    #[default]
    Valid,
    /// Its time is over: 190/463.
    Expired,
    /// The person changed their password: 190/460.
    PasswordChanged,
    /// The person removed the app: 190/458.
    AppRemoved,
    /// Logged out: 190/467.
    LoggedOut,
}

/// A token.
#[derive(Debug, Clone)]
pub struct Token {
    /// The app it was issued for.
    pub app_id: String,
    /// Lines it may act for.
    pub lines: Vec<(Kind, String)>,
    /// Permissions.
    pub scopes: Vec<String>,
    /// Alive or how it died.
    pub state: TokenState,
    /// Unix seconds.
    pub issued_at: i64,
}

impl Token {
    /// The permissions that a line of this kind needs.
    pub fn scopes_for(kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::Whatsapp => &[
                "whatsapp_business_messaging",
                "whatsapp_business_management",
            ],
            Kind::Messenger => &[
                "pages_messaging",
                "pages_manage_metadata",
                "pages_read_engagement",
                "pages_show_list",
            ],
            Kind::Instagram => &[
                "instagram_basic",
                "instagram_manage_messages",
                "pages_manage_metadata",
                "instagram_business_basic",
                "instagram_business_manage_messages",
            ],
            Kind::Telegram => &[],
        }
    }

    /// Refuses a dead token.
    pub fn alive(&self) -> Result<(), GraphError> {
        let (subcode, why) = match self.state {
            TokenState::Valid => return Ok(()),
            TokenState::Expired => (463, "Session has expired"),
            TokenState::PasswordChanged => (
                460,
                "The session has been invalidated because the user changed their password",
            ),
            TokenState::AppRemoved => (458, "The user has not authorized application"),
            TokenState::LoggedOut => (467, "The session is invalid because the user logged out"),
        };
        Err(GraphError::bad_token(
            Some(subcode),
            &format!("Error validating access token: {why}."),
        ))
    }

    /// Refuses when a permission is missing.
    pub fn needs(&self, scope: &str) -> Result<(), GraphError> {
        if self.scopes.iter().any(|have| have == scope) {
            Ok(())
        } else {
            Err(GraphError::permission(scope))
        }
    }

    /// Whether it covers this line.
    pub fn covers(&self, kind: Kind, id: &str) -> bool {
        self.lines.iter().any(|(k, i)| *k == kind && i == id)
    }
}
