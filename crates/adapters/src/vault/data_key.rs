//! One tenant's data key: wrapping it, and sealing and opening with it.

use super::keyring::MasterKeys;
use super::mac::hmac_bytes;
use super::store::WrappedKey;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use domain::ids::TenantId;
use domain::ports::VaultError;
use domain::secret::{SealContext, Sealed};
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const NONCE: usize = 24;
const KEY_ID: usize = 4;

/// An open data key; wiped from memory when dropped.
pub(super) struct DataKey {
    material: Zeroizing<[u8; 32]>,
    id: [u8; KEY_ID],
}

fn no_randomness(_: getrandom::Error) -> VaultError {
    VaultError::Store("the machine gives no random bytes".to_owned())
}

fn encrypt(key: &[u8; 32], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0_u8; NONCE];
    getrandom::fill(&mut nonce).map_err(no_randomness)?;
    let payload = Payload { msg: plain, aad };
    let text = XChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| VaultError::Refused)?;
    Ok([nonce.as_slice(), text.as_slice()].concat())
}

fn decrypt(key: &[u8; 32], aad: &[u8], bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (nonce, text) = bytes
        .split_first_chunk::<NONCE>()
        .ok_or(VaultError::Refused)?;
    let payload = Payload { msg: text, aad };
    XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| VaultError::Refused)
}

fn wrapping(tenant: TenantId, master: &str) -> Vec<u8> {
    [
        b"relevo data key v1".as_slice(),
        tenant.0.as_bytes(),
        master.as_bytes(),
    ]
    .concat()
}

fn binding(context: SealContext<'_>) -> Vec<u8> {
    [
        b"relevo sealed v1".as_slice(),
        context.tenant.0.as_bytes(),
        context.row.as_bytes(),
        context.column.as_bytes(),
    ]
    .concat()
}

impl DataKey {
    fn new(material: Zeroizing<[u8; 32]>) -> Self {
        let [a, b, c, d, ..] = hmac_bytes(material.as_ref(), &[b"relevo key id v1"]);
        Self {
            material,
            id: [a, b, c, d],
        }
    }

    /// A new random key.
    pub(super) fn generate() -> Result<Self, VaultError> {
        let mut material = Zeroizing::new([0_u8; 32]);
        getrandom::fill(material.as_mut()).map_err(no_randomness)?;
        Ok(Self::new(material))
    }

    /// Wraps under the active master key.
    pub(super) fn wrap(
        &self,
        masters: &MasterKeys,
        tenant: TenantId,
    ) -> Result<WrappedKey, VaultError> {
        let master = masters.active_id();
        let key = masters
            .get(master)
            .ok_or_else(|| VaultError::UnknownKey(master.to_owned()))?;
        let sealed = encrypt(key, &wrapping(tenant, master), self.material.as_ref())?;
        Ok(WrappedKey {
            master: master.to_owned(),
            wrapped: [&[FORMAT], sealed.as_slice()].concat(),
        })
    }

    /// Unwraps with the master key it names.
    pub(super) fn unwrap(
        masters: &MasterKeys,
        tenant: TenantId,
        wrapped: &WrappedKey,
    ) -> Result<Self, VaultError> {
        let key = masters
            .get(&wrapped.master)
            .ok_or_else(|| VaultError::UnknownKey(wrapped.master.clone()))?;
        let Some((&FORMAT, bytes)) = wrapped.wrapped.split_first() else {
            return Err(VaultError::Refused);
        };
        let plain = Zeroizing::new(decrypt(key, &wrapping(tenant, &wrapped.master), bytes)?);
        let material = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| VaultError::Refused)?;
        Ok(Self::new(Zeroizing::new(material)))
    }

    /// Seals a value.
    pub(super) fn seal(
        &self,
        context: SealContext<'_>,
        plain: &[u8],
    ) -> Result<Sealed, VaultError> {
        let text = encrypt(&self.material, &binding(context), plain)?;
        let head = [&[FORMAT], self.id.as_slice()].concat();
        Ok(Sealed([head, text].concat()))
    }

    /// Whether the value names this key.
    pub(super) fn sealed(&self, sealed: &Sealed) -> bool {
        sealed.0.get(1..=KEY_ID) == Some(self.id.as_slice())
    }

    /// Opens a value.
    pub(super) fn open(
        &self,
        context: SealContext<'_>,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, VaultError> {
        match sealed.0.split_first() {
            Some((&FORMAT, rest)) if rest.starts_with(&self.id) => {
                decrypt(&self.material, &binding(context), &rest[KEY_ID..])
            }
            _ => Err(VaultError::Refused),
        }
    }
}
