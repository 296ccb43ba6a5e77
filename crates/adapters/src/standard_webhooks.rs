//! Signatures of the webhooks we send to a tenant's bot, by the Standard Webhooks scheme v1
//! (<https://www.standardwebhooks.com>): HMAC-SHA256 over `id.timestamp.body`, with the id in
//! `webhook-id`, Unix seconds in `webhook-timestamp` and `v1,<base64>` in `webhook-signature`.

use crate::vault::mac::hmac_sha256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::secret::Secret;
use domain::time::Timestamp;
use hmac::Mac;
use std::time::Duration;
use zeroize::Zeroizing;

/// Header with the message's id, equal on every retry: the receiver deduplicates by it.
pub const ID_HEADER: &str = "webhook-id";
/// Header with the moment of this attempt in Unix seconds.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// Header with one or more signatures, separated by spaces.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// How far a timestamp may lie from now, either way.
pub const TOLERANCE: Duration = Duration::from_secs(300);

const PREFIX: &str = "whsec_";

/// Why a signing secret or a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not `whsec_` and base64 of 24 to 64 bytes.
    #[error("not a webhook signing secret")]
    Secret,
    /// A header is missing or cannot be read.
    #[error("a webhook header is missing or unreadable")]
    Header,
    /// Too old or from the future: possibly a replay.
    #[error("the webhook's timestamp is too far from now")]
    Timestamp,
    /// No signature fits.
    #[error("the webhook's signature does not fit")]
    Signature,
}

/// A tenant's signing secret. Several may be valid while one is being replaced.
pub struct WebhookSigner {
    key: Zeroizing<Vec<u8>>,
}

impl WebhookSigner {
    /// From `whsec_<base64>`; the prefix may be left out.
    ///
    /// # Errors
    /// [`SignatureError::Secret`].
    pub fn new(secret: &Secret) -> Result<Self, SignatureError> {
        let text = secret.expose();
        let key = STANDARD
            .decode(text.strip_prefix(PREFIX).unwrap_or(text))
            .map(Zeroizing::new)
            .map_err(|_| SignatureError::Secret)?;
        if (24..=64).contains(&key.len()) {
            Ok(Self { key })
        } else {
            Err(SignatureError::Secret)
        }
    }

    /// A new secret of 32 random bytes, to be shown to the tenant.
    ///
    /// # Errors
    /// The machine gives no random bytes.
    pub fn generate() -> Result<Secret, getrandom::Error> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Secret::new(format!(
            "{PREFIX}{}",
            STANDARD.encode(bytes.as_ref())
        )))
    }

    /// The value of [`SIGNATURE_HEADER`] for an attempt at `at`.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        let mac = self.mac(id, at.0.div_euclid(1_000), body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// The three headers of an attempt at `at`.
    #[must_use]
    pub fn headers(&self, id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        [
            (ID_HEADER, id.to_owned()),
            (TIMESTAMP_HEADER, at.0.div_euclid(1_000).to_string()),
            (SIGNATURE_HEADER, self.sign(id, at, body)),
        ]
    }

    /// Checks a received webhook; signatures of other versions are passed over.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(
        &self,
        id: &str,
        timestamp: &str,
        signatures: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let seconds: i64 = timestamp.parse().map_err(|_| SignatureError::Header)?;
        let at = Timestamp::from_seconds(seconds);
        if now.since(at).max(at.since(now)) > TOLERANCE + Duration::from_secs(1) {
            return Err(SignatureError::Timestamp);
        }
        let mac = self.mac(id, seconds, body);
        signatures
            .split(' ')
            .filter_map(|signature| signature.strip_prefix("v1,"))
            .filter_map(|text| STANDARD.decode(text).ok())
            // compares in constant time
            .any(|bytes| mac.clone().verify_slice(&bytes).is_ok())
            .then_some(())
            .ok_or(SignatureError::Signature)
    }

    fn mac(&self, id: &str, seconds: i64, body: &[u8]) -> hmac::Hmac<sha2::Sha256> {
        let seconds = seconds.to_string();
        hmac_sha256(
            &self.key,
            &[id.as_bytes(), b".", seconds.as_bytes(), b".", body],
        )
    }
}
