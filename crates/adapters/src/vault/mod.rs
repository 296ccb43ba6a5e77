//! Sealing what must not be read from the database: XChaCha20-Poly1305 under one data key per
//! tenant, each data key wrapped by the active master key.
//!
//! A sealed value ([`domain::secret::Sealed`]):
//!
//! | bytes | what |
//! |---|---|
//! | 1 | format, `0x01` |
//! | 4 | key id: a fingerprint of the tenant's data key |
//! | 24 | nonce, random |
//! | n + 16 | ciphertext and tag |
//!
//! Associated data: `relevo sealed v1` ‖ tenant (16) ‖ row (16) ‖ column (UTF-8). A value moved
//! to another tenant, row or column does not open.
//!
//! A wrapped data key ([`WrappedKey`]): format `0x01`, nonce (24), ciphertext (32), tag (16),
//! with associated data `relevo data key v1` ‖ tenant (16) ‖ master key's id.
//!
//! Rotating the master key: put the new one in front of the list, keep the old one behind it,
//! [`EnvelopeVault::rewrap`] every tenant, take the old one out. No sealed value changes.

mod data_key;
mod envelope;
mod keyring;
pub(crate) mod mac;
mod store;

pub use envelope::{EnvelopeVault, Rewrap};
pub use keyring::{MasterKeyError, MasterKeys};
pub use store::{DataKeyError, DataKeys, MemoryDataKeys, WrappedKey};
