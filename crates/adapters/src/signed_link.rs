//! Links that open one thing for one purpose until an instant, without a login: the history
//! page and the files that agents see in Let's Talk.
//!
//! A token is base64url of: format `0x01`, length and id of the master key, tenant (16),
//! expiry (8, ms, big endian), subject (UTF-8), HMAC-SHA256 (32). The purpose is part of what
//! is authenticated but not of the token: a file's link does not open a history page.

use crate::vault::MasterKeys;
use crate::vault::mac::hmac_sha256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::TenantId;
use domain::time::Timestamp;
use hmac::Mac;
use uuid::Uuid;
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const MAC: usize = 32;

/// Longer tokens are refused unread.
const LONGEST: usize = 1_024;

/// What a valid link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedClaims {
    /// Owner.
    pub tenant: TenantId,
    /// What it opens, e.g. a conversation's id.
    pub subject: String,
    /// Until when, exclusively.
    pub expires: Timestamp,
}

/// Why a link does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not ours: damaged, forged, for another purpose, or under a key that is gone.
    #[error("the link is not valid")]
    Refused,
    /// It was valid once.
    #[error("the link has expired")]
    Expired,
}

/// Signs links under a key derived from the active master key, and checks them under all.
pub struct SignedLinks {
    keys: Vec<(String, Zeroizing<[u8; 32]>)>,
}

impl SignedLinks {
    /// Keys for links, from the ring.
    #[must_use]
    pub fn new(masters: &MasterKeys) -> Self {
        Self {
            keys: masters.derive("signed links"),
        }
    }

    /// A token for `claims`, made of characters that need no escaping in an address.
    #[must_use]
    pub fn sign(&self, purpose: &str, claims: &SignedClaims) -> String {
        let Some((id, key)) = self.keys.first() else {
            // A ring always has an active key; without one nothing would open.
            return String::new();
        };
        let mut token = vec![FORMAT, u8::try_from(id.len()).unwrap_or(u8::MAX)];
        token.extend_from_slice(id.as_bytes());
        token.extend_from_slice(claims.tenant.0.as_bytes());
        token.extend_from_slice(&claims.expires.0.to_be_bytes());
        token.extend_from_slice(claims.subject.as_bytes());
        let mac = mac(key, purpose, &token).finalize().into_bytes();
        token.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// What `token` is for, if it was signed for `purpose` and has not expired at `now`.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn verify(
        &self,
        purpose: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<SignedClaims, LinkError> {
        let claims = self.read(purpose, token).ok_or(LinkError::Refused)?;
        if now < claims.expires {
            Ok(claims)
        } else {
            Err(LinkError::Expired)
        }
    }

    fn read(&self, purpose: &str, token: &str) -> Option<SignedClaims> {
        if token.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, signature) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        let (&[format, length], rest) = signed.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(usize::from(length))?;
        let (_, key) = self.keys.iter().find(|(known, _)| known.as_bytes() == id)?;
        // compares in constant time
        mac(key, purpose, signed).verify_slice(signature).ok()?;
        let (tenant, rest) = rest.split_first_chunk()?;
        let (expires, subject) = rest.split_first_chunk()?;
        (format == FORMAT).then_some(SignedClaims {
            tenant: Uuid::from_bytes(*tenant).into(),
            subject: String::from_utf8(subject.to_vec()).ok()?,
            expires: Timestamp(i64::from_be_bytes(*expires)),
        })
    }
}

fn mac(key: &[u8; 32], purpose: &str, signed: &[u8]) -> hmac::Hmac<sha2::Sha256> {
    let length = u64::try_from(purpose.len())
        .unwrap_or(u64::MAX)
        .to_be_bytes();
    hmac_sha256(key, &[&length, purpose.as_bytes(), signed])
}
