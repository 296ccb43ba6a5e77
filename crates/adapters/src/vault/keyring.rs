//! The master keys from the configuration.

use super::mac::hmac_bytes;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use std::fmt;
use zeroize::Zeroizing;

/// The id of a key written without one.
const UNNAMED: &str = "main";

/// Why a list of master keys was refused. Never repeats key material.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// Nothing between the commas.
    #[error("no master key given")]
    Empty,
    /// An id that is not 1 to 32 letters, digits, `-` or `_`.
    #[error("master key {0}: an id is 1 to 32 letters, digits, - or _")]
    Id(usize),
    /// Not 32 bytes in base64.
    #[error("master key {0}: not 32 bytes in base64 (44 characters)")]
    Material(usize),
    /// The same id twice.
    #[error("master key id {0} is given twice")]
    Twice(String),
}

struct MasterKey {
    id: String,
    material: Zeroizing<[u8; 32]>,
}

/// The ring of master keys: the first seals, all open. Prints ids only.
pub struct MasterKeys {
    active: MasterKey,
    older: Vec<MasterKey>,
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

impl MasterKeys {
    /// From `id:base64,id:base64`, the active key first; one key may stand without an id and
    /// is then called `main`. Base64 of either alphabet, padded or not.
    ///
    /// # Errors
    /// [`MasterKeyError`], with the position in the list (from 1).
    pub fn parse(list: &str) -> Result<Self, MasterKeyError> {
        let mut keys: Vec<MasterKey> = Vec::new();
        let entries = list.split(',').map(str::trim).filter(|e| !e.is_empty());
        for (index, entry) in entries.enumerate() {
            let position = index + 1;
            let (id, text) = entry.split_once(':').unwrap_or((UNNAMED, entry));
            let id = id.trim();
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if id.is_empty() || id.len() > 32 || !id.chars().all(allowed) {
                return Err(MasterKeyError::Id(position));
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(MasterKeyError::Twice(id.to_owned()));
            }
            keys.push(MasterKey {
                id: id.to_owned(),
                material: material(text.trim()).ok_or(MasterKeyError::Material(position))?,
            });
        }
        let mut keys = keys.into_iter();
        let active = keys.next().ok_or(MasterKeyError::Empty)?;
        Ok(Self {
            active,
            older: keys.collect(),
        })
    }

    /// A new random key as it is written in a configuration, without an id.
    ///
    /// # Errors
    /// The machine gives no random bytes.
    pub fn generate() -> Result<Zeroizing<String>, getrandom::Error> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Zeroizing::new(STANDARD.encode(bytes.as_ref())))
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn active_id(&self) -> &str {
        &self.active.id
    }

    /// All ids, the active one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.all().map(|key| key.id.as_str())
    }

    fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.active).chain(&self.older)
    }

    /// The material of a key.
    pub(super) fn get(&self, id: &str) -> Option<&[u8; 32]> {
        self.all()
            .find(|key| key.id == id)
            .map(|key| &*key.material)
    }

    /// A key for one purpose, from each master key, the active one first. Knowing one does not
    /// help towards the master key or another purpose.
    pub(crate) fn derive(&self, purpose: &str) -> Vec<(String, Zeroizing<[u8; 32]>)> {
        self.all()
            .map(|key| {
                let parts = [b"relevo derived key v1\0".as_slice(), purpose.as_bytes()];
                let derived = Zeroizing::new(hmac_bytes(key.material.as_ref(), &parts));
                (key.id.clone(), derived)
            })
            .collect()
    }
}

fn material(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(text).ok())
        .map(Zeroizing::new)
        .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok())
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn the_first_key_is_the_active_one() {
        let keys =
            MasterKeys::parse(&format!("2026:{KEY}, 2025:{}", KEY.trim_end_matches('='))).unwrap();
        assert_eq!(keys.ids().collect::<Vec<_>>(), ["2026", "2025"]);
        assert_eq!(keys.active_id(), "2026");
        assert_eq!(MasterKeys::parse(KEY).unwrap().active_id(), "main");
    }

    #[test]
    fn a_broken_list_is_refused_without_repeating_the_key() {
        for (list, error) in [
            ("", MasterKeyError::Empty),
            (" , ", MasterKeyError::Empty),
            ("a:AAEC", MasterKeyError::Material(1)),
            ("not base64!", MasterKeyError::Material(1)),
            (&format!("ä:{KEY}"), MasterKeyError::Id(1)),
            (
                &format!("{KEY},{KEY}"),
                MasterKeyError::Twice("main".into()),
            ),
        ] {
            assert_eq!(MasterKeys::parse(list).unwrap_err(), error, "{list}");
        }
    }

    #[test]
    fn a_generated_key_can_be_parsed_and_printing_shows_ids_only() {
        let text = MasterKeys::generate().unwrap();
        let keys = MasterKeys::parse(&text).unwrap();
        assert_eq!(format!("{keys:?}"), r#"["main"]"#);
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let keys = MasterKeys::parse(KEY).unwrap();
        assert_ne!(*keys.derive("a")[0].1, *keys.derive("b")[0].1);
        assert_eq!(*keys.derive("a")[0].1, *keys.derive("a")[0].1);
    }
}
