//! Secrets in memory and at rest. An open secret has no `Serialize`, so it cannot be
//! stored or sent by accident; only the vault turns it into a [`Sealed`] and back.

use serde::{Deserialize, Deserializer};
use std::fmt;

/// A token, password or key in memory. Prints as `[secret]`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for a request to the service it belongs to, and nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares in a time that depends on the lengths only.
    #[must_use]
    pub fn matches(&self, candidate: &[u8]) -> bool {
        use subtle::ConstantTimeEq;
        self.0.as_bytes().ct_eq(candidate).into()
    }

    /// The last four characters behind dots, for a settings page; dots only when short.
    #[must_use]
    pub fn masked(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        match characters.len() {
            0 => String::new(),
            1..12 => "••••".to_owned(),
            n => format!("••••{}", characters.iter().skip(n - 4).collect::<String>()),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// Sealed bytes as they lie in the database: `key id ‖ nonce ‖ ciphertext ‖ tag`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// What a sealed value is bound to: moving it to another tenant, row or column makes it
/// unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealContext<'a> {
    /// The tenant that owns the value.
    pub tenant: crate::ids::TenantId,
    /// Table and column, e.g. `channels.credentials`.
    pub column: &'a str,
    /// The row's id.
    pub row: uuid::Uuid,
}
