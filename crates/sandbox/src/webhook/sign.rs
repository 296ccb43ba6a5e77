//! How the platforms write and sign what they send.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The value of `X-Hub-Signature-256` for these exact bytes: `sha256=` and 64 lower-case hex digits,
/// keyed with the app secret's ASCII bytes.
pub fn hub_signature(secret: &str, body: &[u8]) -> String {
    format!(
        "sha256={}",
        hex::encode(hmac_sha256(secret.as_bytes(), body))
    )
}

/// HMAC-SHA256. A key of any length is allowed, so this cannot fail.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

/// JSON as Meta writes it: everything outside ASCII as `\u` escapes with lower-case hex
/// (surrogate pairs beyond the basic plane), and `/` as `\/`.
pub fn escaped_json(value: &Value) -> String {
    let plain = value.to_string();
    let mut text = String::with_capacity(plain.len() + plain.len() / 8);
    let mut units = [0u16; 2];
    for c in plain.chars() {
        match c {
            '/' => text.push_str("\\/"),
            c if c.is_ascii() => text.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_escaped_as_meta_does_and_still_means_the_same() {
        let value = json!({"t": "ñandú/😀\n\"x\""});
        let text = escaped_json(&value);
        assert_eq!(text, r#"{"t":"\u00f1and\u00fa\/\ud83d\ude00\n\"x\""}"#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn the_signature_is_the_known_one() {
        // RFC 4231, test case 2.
        assert_eq!(
            hub_signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
