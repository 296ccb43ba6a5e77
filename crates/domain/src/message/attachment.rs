//! Files that travel with messages.

use crate::ids::FileId;
use serde::{Deserialize, Serialize};

/// What a file is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film, an animation, a video note.
    Video,
    /// A sound file.
    Audio,
    /// A voice note recorded in the app.
    Voice,
    /// Any other file.
    File,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::File => "file",
            Self::Sticker => "sticker",
        }
    }
}

impl MediaKind {
    /// What bytes of this type are shown as. What comes as Ogg was spoken into a telephone.
    #[must_use]
    pub fn of_mime(mime: &str) -> Self {
        match mime.split('/').next() {
            _ if mime == "audio/ogg" => Self::Voice,
            Some("image") => Self::Image,
            Some("video") => Self::Video,
            Some("audio") => Self::Audio,
            _ => Self::File,
        }
    }
}

/// A file of a message: first known by where the platform keeps it, later also by where we do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is shown as.
    pub kind: MediaKind,
    /// Where the platform keeps it; never shown to anybody (Telegram's address holds the token).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<MediaSource>,
    /// MIME type without parameters, as told by the platform or sniffed once stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// File name as told, already stripped of path separators and control characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Size in bytes as told by the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Our copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<StoredFile>,
    /// Why there will never be a copy (too big, gone); shown to both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<String>,
}

/// Where the platform keeps a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum MediaSource {
    /// By id, fetched with the channel's credentials (WhatsApp media id, Telegram `file_id`).
    /// WhatsApp's SHA-256 is base64 and checked after the download.
    Id {
        /// The platform's id.
        id: String,
        /// Base64 SHA-256 as told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// By address (Messenger, Instagram, Let's Talk).
    Url {
        /// The address; attacker-influenced: only fetched through the guarded client.
        url: String,
    },
}

/// Our copy of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Identity in the file store.
    pub id: FileId,
    /// MIME type sniffed from the bytes.
    pub mime: String,
    /// File name with the extension that fits the MIME type.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Hexadecimal SHA-256.
    pub sha256: String,
}

impl Attachment {
    /// A file of which only the kind is known so far.
    #[must_use]
    pub fn of(kind: MediaKind) -> Self {
        Self {
            kind,
            source: None,
            mime: None,
            name: None,
            size: None,
            stored: None,
            unavailable: None,
        }
    }

    /// Takes our copy. Let's Talk knows few types and calls all others plain bytes: a file of which
    /// nobody said what it is is shown as what its bytes are.
    pub fn keep(&mut self, stored: StoredFile) {
        let untold = matches!(
            self.mime.as_deref(),
            None | Some("application/octet-stream")
        );
        if untold && self.kind == MediaKind::File {
            self.kind = MediaKind::of_mime(&stored.mime);
        }
        self.stored = Some(stored);
        // A retry succeeded.
        self.unavailable = None;
    }

    /// Whether our copy is missing and may still be had, if only by looking for its address.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.stored.is_none() && self.unavailable.is_none()
    }

    /// Whether somebody still has to fetch it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.stored.is_none() && self.unavailable.is_none() && self.source.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_nobody_named_is_what_its_bytes_are() {
        let table = [
            (None, "audio/ogg", MediaKind::Voice),
            (
                Some("application/octet-stream"),
                "audio/mpeg",
                MediaKind::Audio,
            ),
            (
                Some("application/octet-stream"),
                "image/webp",
                MediaKind::Image,
            ),
            (
                Some("application/octet-stream"),
                "application/pdf",
                MediaKind::File,
            ),
            // Sent as a file on purpose.
            (Some("image/jpeg"), "image/jpeg", MediaKind::File),
        ];
        for (told, mime, shown) in table {
            let mut attachment = Attachment {
                mime: told.map(str::to_owned),
                unavailable: Some("gone".to_owned()),
                ..Attachment::of(MediaKind::File)
            };
            attachment.keep(StoredFile {
                id: FileId(uuid::Uuid::nil()),
                mime: mime.to_owned(),
                name: "x".to_owned(),
                size: 1,
                sha256: String::new(),
            });
            assert_eq!(attachment.kind, shown, "{told:?} {mime}");
            assert!(!attachment.is_missing() && attachment.unavailable.is_none());
        }
    }
}
