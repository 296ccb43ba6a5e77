//! The second factor: an authenticator's six digits (RFC 6238: SHA-1, 30 seconds), and recovery
//! codes for when the telephone is gone.

use domain::secret::Secret;
use domain::time::Timestamp;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Totp};

/// Bytes of a shared secret: the length of SHA-1's output, which RFC 4226 recommends.
const SECRET: usize = 20;
/// How many recovery codes are made at once.
pub const RECOVERY_CODES: usize = 10;
/// Letters and digits of a recovery code: none that are taken for another. 32 of them, 16 per
/// code: 80 bits, too many to be guessed from their hash.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// The second factor could not be made or read. The words hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("second factor: {0}")]
pub struct FactorError(String);

/// What an authenticator needs to be shown once.
pub struct Enrolment {
    /// The shared secret in base32, in groups of four, to be typed.
    pub key: String,
    /// The `otpauth://` address as an SVG of a QR code.
    pub qr: String,
}

/// A new shared secret.
///
/// # Errors
/// The system has no randomness.
pub fn new_secret() -> Result<Vec<u8>, FactorError> {
    let mut bytes = vec![0_u8; SECRET];
    getrandom::fill(&mut bytes).map_err(|e| FactorError(e.to_string()))?;
    Ok(bytes)
}

fn totp(secret: &[u8], account: &str) -> Result<Totp, FactorError> {
    // A colon would end the issuer's name in the address.
    let account = account.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_account_name(account)
        .with_issuer(Some("Relevo"))
        .build()
        .map_err(|_| FactorError("the stored secret is damaged".to_owned()))
}

/// What the authenticator of `account` (an e-mail address) has to learn.
///
/// # Errors
/// A damaged secret, or an address too long for a QR code.
pub fn enrolment(secret: &[u8], account: &str) -> Result<Enrolment, FactorError> {
    let totp = totp(secret, account)?;
    let uri = totp
        .to_url()
        .map_err(|_| FactorError("no address for the authenticator".to_owned()))?;
    let code = QrCode::with_error_correction_level(uri, EcLevel::M)
        .map_err(|_| FactorError("too long for a QR code".to_owned()))?;
    let image = code
        .render::<svg::Color>()
        .min_dimensions(200, 200)
        .quiet_zone(true)
        .build();
    let image = image.find("<svg").and_then(|at| image.get(at..));
    let letters: Vec<char> = totp.secret().to_base32().chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|g| g.iter().collect()).collect();
    Ok(Enrolment {
        key: groups.join(" "),
        qr: image.unwrap_or_default().to_owned(),
    })
}

/// The 30-second step that `code` belongs to, if it is one of now, the one before or the one
/// after. Whether that step was used before is the store's to say. In constant time.
///
/// # Errors
/// A damaged secret.
pub fn check(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<u64>, FactorError> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.0 / 1000).unwrap_or(0);
    Ok(totp(secret, "")?.check(&digits, seconds))
}

/// The six digits of an instant; for tests and simulators of an authenticator.
///
/// # Errors
/// A damaged secret.
pub fn code_at(secret: &[u8], now: Timestamp) -> Result<String, FactorError> {
    let seconds = u64::try_from(now.0 / 1000).unwrap_or(0);
    Ok(totp(secret, "")?.generate(seconds).to_string())
}

/// New recovery codes as they are shown once: `xxxx-xxxx-xxxx-xxxx`.
///
/// # Errors
/// The system has no randomness.
pub fn new_recovery_codes() -> Result<Vec<Secret>, FactorError> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|e| FactorError(e.to_string()))?;
        let mut code = String::with_capacity(19);
        for (at, byte) in bytes.iter().enumerate() {
            if at > 0 && at % 4 == 0 {
                code.push('-');
            }
            let letter = LETTERS.get(usize::from(byte % 32)).copied();
            code.push(char::from(letter.unwrap_or(b'x')));
        }
        codes.push(Secret::new(code));
    }
    Ok(codes)
}

/// What is stored of a recovery code; hyphens, spaces and capitals do not matter.
#[must_use]
pub fn recovery_hash(code: &str) -> Vec<u8> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Sha256::digest(plain.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_the_standards_test_vector_is_taken_within_a_step_either_way() {
        let secret = b"12345678901234567890";
        // RFC 6238, appendix B: at 59 s the eight digits are 94287082.
        let at = |seconds: i64| check(secret, "287082", Timestamp(seconds * 1000)).unwrap();
        assert_eq!(at(59), Some(1));
        assert_eq!(at(31), Some(1));
        assert_eq!(at(89), Some(1), "a clock that is behind");
        assert_eq!(at(119), None);
        for wrong in ["", "28708", "2870822", "28708x", "２８７０８２"] {
            assert_eq!(check(secret, wrong, Timestamp(59_000)), Ok(None), "{wrong}");
        }
    }

    #[test]
    fn the_authenticator_is_shown_a_picture_and_letters() {
        let shown = enrolment(&new_secret().unwrap(), "ana@norte.cl").unwrap();
        assert!(shown.qr.starts_with("<svg"));
        assert_eq!(shown.key.len(), 32 + 7);
    }

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        let codes = new_recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = codes[0].expose();
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(recovery_hash(code), recovery_hash(&typed));
        assert_ne!(recovery_hash(code), recovery_hash(codes[1].expose()));
    }
}
