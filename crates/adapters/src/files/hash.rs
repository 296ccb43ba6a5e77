//! Hashes as platforms tell them.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const RELAXED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Whether `told`, in hexadecimal or either alphabet of Base64, is this SHA-256. Something that
/// is no SHA-256 at all fits nothing.
pub(super) fn fits(told: &str, digest: &[u8]) -> bool {
    let told = told.trim();
    if told.len() == 64 {
        return hex::decode(told).is_ok_and(|bytes| bytes == digest);
    }
    [alphabet::STANDARD, alphabet::URL_SAFE]
        .iter()
        .any(|letters| {
            GeneralPurpose::new(letters, RELAXED)
                .decode(told)
                .is_ok_and(|bytes| bytes == digest)
        })
}
