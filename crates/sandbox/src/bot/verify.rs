//! The bot's own check of what it receives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::webhook::sign::{hmac_sha256, hub_signature};

/// Compares without telling by its duration where the difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

/// Meta's `X-Hub-Signature-256` over the exact bytes.
pub(super) fn meta(secret: &str, header: Option<&str>, body: &[u8]) -> bool {
    header.is_some_and(|header| same(header.as_bytes(), hub_signature(secret, body).as_bytes()))
}

/// Telegram's secret header.
pub(super) fn telegram(secret: &str, header: Option<&str>) -> bool {
    header.is_some_and(|header| same(header.as_bytes(), secret.as_bytes()))
}

/// How far a Standard Webhooks timestamp may be off, in seconds.
const TOLERANCE_S: i64 = 300;

/// Standard Webhooks: `webhook-signature` holds one or more `v1,<base64>` of
/// HMAC-SHA256(`id.timestamp.body`), keyed with the base64 part of `whsec_…`.
pub(super) fn standard(
    secret: &str,
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now_s: i64,
) -> bool {
    let fresh = timestamp
        .parse::<i64>()
        .is_ok_and(|sent| (now_s - sent).abs() <= TOLERANCE_S);
    let Ok(key) = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)) else {
        return false;
    };
    let mut message = format!("{id}.{timestamp}.").into_bytes();
    message.extend_from_slice(body);
    let expected = STANDARD.encode(hmac_sha256(&key, &message));
    fresh
        && signatures
            .split(' ')
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .any(|signature| same(signature.as_bytes(), expected.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_webhook_is_taken_only_fresh_and_signed() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let (id, at, body) = (
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let now = 1_614_265_330;
        assert!(standard(secret, id, at, signature, body, now));
        assert!(standard(
            secret,
            id,
            at,
            &format!("v1,AAAA {signature}"),
            body,
            now + 299
        ));
        assert!(!standard(secret, id, at, signature, body, now + 301));
        assert!(!standard(secret, id, at, signature, b"{}", now));
        assert!(!standard(secret, "other", at, signature, body, now));
    }
}
