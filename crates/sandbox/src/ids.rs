//! Random identifiers in the shapes the platforms use.

use rand::Rng;

/// `bytes` random bytes in lower-case hex.
#[must_use]
pub fn hex_token(bytes: usize) -> String {
    let mut raw = vec![0_u8; bytes];
    rand::rng().fill(raw.as_mut_slice());
    hex::encode(raw)
}

/// A random decimal number of exactly `digits` digits (1 to 18), never beginning with 0.
#[must_use]
pub fn digits(digits: u32) -> u64 {
    let low = 10_u64.pow(digits.clamp(1, 18) - 1);
    rand::rng().random_range(low..low * 10)
}

/// A random version-4 GUID.
#[must_use]
pub fn guid() -> String {
    uuid::Uuid::new_v4().to_string()
}
