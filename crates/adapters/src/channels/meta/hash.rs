//! Dedupe keys: what tells a repeated delivery from a second event.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The longest key kept as it is; ids are the platform's and have no promised length.
const LONGEST: usize = 200;

/// A dedupe key from its parts. A very long one is replaced by its hash.
#[must_use]
pub fn dedupe_key(parts: &[&str]) -> String {
    let joined = parts.join(":");
    if joined.len() <= LONGEST {
        return joined;
    }
    let kind = parts.first().copied().unwrap_or_default();
    let kind: String = kind.chars().take(16).collect();
    format!("{kind}:sha256:{}", digest(joined.as_bytes()))
}

/// The key of something that has no id of its own: equal bytes, equal key.
#[must_use]
pub fn content_key(kind: &str, account: &str, item: &Value) -> String {
    let text = format!("{account}\n{item}");
    format!("{kind}:sha256:{}", digest(text.as_bytes()))
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
