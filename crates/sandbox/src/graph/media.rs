//! Files on the Graph side: uploaded by businesses or sent by users.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::phone::ids;
use crate::phone::kind::Kind;
use crate::phone::locked::lock;
use crate::phone::shown::Media;

/// How long a WhatsApp download address lives.
pub const URL_LIFE_MS: i64 = 5 * 60 * 1000;

/// One stored file.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Media id or attachment id.
    pub id: String,
    /// Which channel it belongs to: ids are not shared between channels.
    pub kind: Kind,
    /// The line that owns it.
    pub account: String,
    /// The bytes.
    pub bytes: Bytes,
    /// MIME type as given.
    pub mime: String,
    /// File name.
    pub name: Option<String>,
    /// Key in the unauthenticated CDN address.
    pub cdn_key: String,
}

impl Stored {
    /// SHA-256 in base64, as WhatsApp gives it.
    pub fn sha256_base64(&self) -> String {
        STANDARD.encode(Sha256::digest(&self.bytes))
    }

    /// SHA-256 in lower-case hex.
    pub fn sha256_hex(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }

    /// The signed CDN address that needs no credentials.
    pub fn cdn_url(&self, origin: &str) -> String {
        let extension = extension(&self.mime);
        format!("{origin}/cdn/{}/{}{extension}", self.cdn_key, self.id)
    }

    /// As the phone shows it.
    pub fn shown(&self, origin: &str) -> Media {
        Media {
            url: self.cdn_url(origin),
            mime: self.mime.clone(),
            name: self.name.clone(),
            size: self.bytes.len() as u64,
            sha256: self.sha256_hex(),
            id: self.id.clone(),
        }
    }
}

fn extension(mime: &str) -> &'static str {
    match mime.split(';').next().unwrap_or_default() {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/webp" => ".webp",
        "audio/ogg" => ".ogg",
        "audio/mpeg" => ".mp3",
        "audio/mp4" => ".m4a",
        "video/mp4" => ".mp4",
        "application/pdf" => ".pdf",
        _ => ".bin",
    }
}

#[derive(Debug, Clone)]
struct Address {
    media: String,
    expires_ms: i64,
}

#[derive(Debug, Default)]
struct Tables {
    files: HashMap<String, Stored>,
    by_cdn_key: HashMap<String, String>,
    addresses: HashMap<String, Address>,
}

/// All files and download addresses.
#[derive(Debug, Default)]
pub struct MediaStore {
    tables: Mutex<Tables>,
}

impl MediaStore {
    /// Keeps a file and gives it an id.
    pub fn keep(
        &self,
        kind: Kind,
        account: &str,
        bytes: Bytes,
        mime: &str,
        name: Option<String>,
    ) -> Stored {
        let stored = Stored {
            id: ids::numeric("1", 16),
            kind,
            account: account.to_owned(),
            bytes,
            mime: mime.to_owned(),
            name,
            cdn_key: ids::hex(24),
        };
        let mut tables = lock(&self.tables);
        tables
            .by_cdn_key
            .insert(stored.cdn_key.clone(), stored.id.clone());
        tables.files.insert(stored.id.clone(), stored.clone());
        stored
    }

    /// The file with this id.
    pub fn find(&self, id: &str) -> Option<Stored> {
        lock(&self.tables).files.get(id).cloned()
    }

    /// The file behind a CDN key.
    pub fn by_cdn_key(&self, key: &str) -> Option<Stored> {
        let tables = lock(&self.tables);
        tables.files.get(tables.by_cdn_key.get(key)?).cloned()
    }

    /// Forgets a file; answers whether it was there.
    pub fn delete(&self, id: &str) -> bool {
        lock(&self.tables).files.remove(id).is_some()
    }

    /// A fresh download address for a file, as its key.
    pub fn address(&self, media: &str, now_ms: i64) -> String {
        let key = ids::token(32);
        lock(&self.tables).addresses.insert(
            key.clone(),
            Address {
                media: media.to_owned(),
                expires_ms: now_ms + URL_LIFE_MS,
            },
        );
        key
    }

    /// The file behind a download address, unless the address has expired.
    pub fn by_address(&self, key: &str, now_ms: i64) -> Option<Stored> {
        let tables = lock(&self.tables);
        let address = tables.addresses.get(key)?;
        if address.expires_ms <= now_ms {
            return None;
        }
        tables.files.get(&address.media).cloned()
    }

    /// Lets every download address that was handed out so far expire; answers how many.
    pub fn expire_addresses(&self) -> usize {
        let mut tables = lock(&self.tables);
        let count = tables.addresses.len();
        tables.addresses.clear();
        count
    }
}
