//! HMAC-SHA256 over several parts, for keys of any length.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// An HMAC-SHA256 under `key` that has read `parts` one after the other. The caller sees to it
/// that different parts cannot look alike when put together.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    // RFC 2104: a key is filled up with zeros to the block, a longer one hashed first. Done
    // here because the library's own way answers with an error that cannot happen.
    let mut block = Zeroizing::new([0_u8; 64]);
    if key.len() > block.len() {
        let hashed = Sha256::digest(key);
        block[..32].copy_from_slice(&hashed);
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac
}

/// The 32 bytes of [`hmac_sha256`].
pub(crate) fn hmac_bytes(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    hmac_sha256(key, parts).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_test_vectors_come_out() {
        // RFC 4231, cases 2 (short key) and 6 (131-byte key)
        assert_eq!(
            hex::encode(hmac_bytes(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex::encode(hmac_bytes(&[0xaa; 131], &[text])),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
