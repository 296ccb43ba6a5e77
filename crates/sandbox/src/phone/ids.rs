//! Ids that look like the platforms' own and never repeat.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use uuid::Uuid;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that is unique in this process.
pub fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A numeric id of `digits` digits that begins with `prefix` and is unique in this process.
pub fn numeric(prefix: &str, digits: usize) -> String {
    let width = digits.saturating_sub(prefix.len());
    format!("{prefix}{:0width$}", next())
}

/// A WhatsApp message id.
pub fn wamid() -> String {
    format!(
        "wamid.{}",
        STANDARD.encode(Uuid::new_v4().simple().to_string())
    )
}

/// A Messenger message id.
pub fn mid() -> String {
    format!("m_{}", token(48))
}

/// An Instagram message id.
pub fn instagram_mid() -> String {
    format!("aWdfZAG1faXRlbToxOk{}", token(40))
}

/// Random text of `length` URL-safe characters.
pub fn token(length: usize) -> String {
    let mut text = String::with_capacity(length + 22);
    while text.len() < length {
        text.push_str(&URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()));
    }
    text.truncate(length);
    text
}

/// Random lower-case hex of `length` characters.
pub fn hex(length: usize) -> String {
    let mut text = String::with_capacity(length + 32);
    while text.len() < length {
        text.push_str(&Uuid::new_v4().simple().to_string());
    }
    text.truncate(length);
    text
}
