//! The signature over a webhook (`channels.md` §1.2): `X-Hub-Signature-256: sha256=<64 hex>`,
//! HMAC-SHA256 under the app secret over the exact bytes of the body.

use domain::ports::{RawWebhook, VerifiedWebhook, VerifyError};
use domain::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's name, in lower case. The older SHA-1 header is ignored.
pub const HEADER: &str = "x-hub-signature-256";

/// Proves that one of the app secrets signed the body. Several are accepted while one is being
/// rotated, and because an Instagram app has a secret of its own.
///
/// Upper-case hex is accepted; a repeated header, a list or blanks are not.
///
/// # Errors
/// See [`VerifyError`]. Without a configured secret nothing is ever believed.
pub fn verify(secrets: &[Secret], raw: RawWebhook) -> Result<VerifiedWebhook, VerifyError> {
    let header = raw.header(HEADER).ok_or(VerifyError::Missing)?;
    let digits = header
        .strip_prefix("sha256=")
        .filter(|digits| digits.len() == 64)
        .ok_or(VerifyError::Malformed)?;
    let claimed = hex::decode(digits).map_err(|_| VerifyError::Malformed)?;
    let proven = secrets
        .iter()
        .filter(|secret| !secret.is_empty())
        .filter_map(keyed)
        // Every secret is tried, so that the time taken does not tell which one fits.
        .fold(false, |proven, mut mac| {
            mac.update(&raw.body);
            mac.verify_slice(&claimed).is_ok() || proven
        });
    if proven {
        Ok(VerifiedWebhook::proven(raw))
    } else {
        Err(VerifyError::Mismatch)
    }
}

/// The header value for a body of our own, under the first secret; `None` without one.
#[must_use]
pub fn sign(secrets: &[Secret], body: &[u8]) -> Option<String> {
    let secret = secrets.iter().find(|s| !s.is_empty())?;
    let mut mac = keyed(secret)?;
    mac.update(body);
    Some(format!(
        "sha256={}",
        hex::encode(mac.finalize().into_bytes())
    ))
}

fn keyed(secret: &Secret) -> Option<Hmac<Sha256>> {
    Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()
}

/// A webhook of our own making, signed as Meta would.
#[must_use]
pub fn signed(secrets: &[Secret], body: Vec<u8>) -> RawWebhook {
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    if let Some(signature) = sign(secrets, &body) {
        headers.push((HEADER.to_owned(), signature));
    }
    RawWebhook {
        headers,
        body: body.into(),
    }
}
