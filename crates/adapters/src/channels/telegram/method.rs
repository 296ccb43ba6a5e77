//! Which method takes which file (`channels.md` §3.4). What no special method takes goes as a
//! document, which takes everything up to 50 MB.

use domain::message::{MediaKind, StoredFile};

const PHOTO_LIMIT: u64 = 10_000_000;
const FILE_LIMIT: u64 = 50_000_000;

/// How a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Method {
    /// The method's name.
    pub name: &'static str,
    /// The field of the form that holds the file.
    pub field: &'static str,
    /// Whether words can stand under it.
    pub caption: bool,
}

const fn method(name: &'static str, field: &'static str) -> Method {
    Method {
        name,
        field,
        caption: true,
    }
}

const DOCUMENT: Method = method("sendDocument", "document");
const STICKER: Method = Method {
    name: "sendSticker",
    field: "sticker",
    caption: false,
};

/// The method for a file; `None` where Telegram takes it by none: empty or too big.
pub(super) fn for_file(kind: MediaKind, file: &StoredFile) -> Option<Method> {
    if file.size == 0 || file.size > FILE_LIMIT {
        return None;
    }
    let mime = file.mime.as_str();
    let sticker = matches!(
        mime,
        "image/webp" | "application/x-tgsticker" | "video/webm"
    );
    if kind == MediaKind::Sticker && sticker {
        return Some(STICKER);
    }
    let spoken = kind == MediaKind::Voice;
    Some(match mime {
        // Sent as a file on purpose, e.g. a picture without compression.
        _ if kind == MediaKind::File => DOCUMENT,
        "image/jpeg" | "image/png" if file.size <= PHOTO_LIMIT => method("sendPhoto", "photo"),
        "image/gif" => method("sendAnimation", "animation"),
        "video/mp4" => method("sendVideo", "video"),
        "audio/ogg" | "audio/opus" => method("sendVoice", "voice"),
        "audio/mpeg" | "audio/mp4" | "audio/m4a" | "audio/x-m4a" if spoken => {
            method("sendVoice", "voice")
        }
        "audio/mpeg" | "audio/mp4" | "audio/m4a" | "audio/x-m4a" => method("sendAudio", "audio"),
        _ => DOCUMENT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_by_the_method_that_shows_it_best() {
        use MediaKind::*;
        let table = [
            (Image, "image/jpeg", 1, Some("sendPhoto")),
            (Image, "image/png", 11_000_000, Some("sendDocument")),
            (Image, "image/gif", 1, Some("sendAnimation")),
            (Image, "image/heif", 1, Some("sendDocument")),
            (Image, "image/webp", 1, Some("sendDocument")),
            (Sticker, "image/webp", 1, Some("sendSticker")),
            (Sticker, "application/x-tgsticker", 1, Some("sendSticker")),
            (Sticker, "image/png", 1, Some("sendPhoto")),
            (Video, "video/mp4", 1, Some("sendVideo")),
            (Video, "video/quicktime", 1, Some("sendDocument")),
            (Voice, "audio/ogg", 1, Some("sendVoice")),
            (Voice, "audio/mpeg", 1, Some("sendVoice")),
            (Voice, "audio/amr", 1, Some("sendDocument")),
            (Audio, "audio/mpeg", 1, Some("sendAudio")),
            (Audio, "audio/x-wav", 1, Some("sendDocument")),
            (File, "image/jpeg", 1, Some("sendDocument")),
            (File, "application/pdf", 50_000_000, Some("sendDocument")),
            (File, "application/pdf", 50_000_001, None),
            (File, "application/pdf", 0, None),
        ];
        for (kind, mime, size, expected) in table {
            let file = StoredFile {
                id: domain::ids::FileId(uuid::Uuid::nil()),
                mime: mime.to_owned(),
                name: "x".to_owned(),
                size,
                sha256: String::new(),
            };
            assert_eq!(for_file(kind, &file).map(|m| m.name), expected, "{mime}");
        }
    }
}
