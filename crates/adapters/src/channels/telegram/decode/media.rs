//! Files in messages.

use super::Node;
use domain::message::{Attachment, MediaKind, MediaSource, clean_text};

/// The fields that hold one file, with what it is shown as and its type where Telegram does
/// not tell. An animation comes with a `document` that repeats it, a live photo with a photo.
const FIELDS: [(&str, MediaKind, Option<&str>); 7] = [
    ("animation", MediaKind::Video, Some("video/mp4")),
    ("video", MediaKind::Video, Some("video/mp4")),
    ("video_note", MediaKind::Video, Some("video/mp4")),
    ("voice", MediaKind::Voice, Some("audio/ogg")),
    ("audio", MediaKind::Audio, Some("audio/mpeg")),
    ("sticker", MediaKind::Sticker, Some("image/webp")),
    ("document", MediaKind::File, None),
];

/// The file of a message.
pub(super) fn of(message: Node<'_>) -> Option<Attachment> {
    if let Some(largest) = largest_photo(message.get("photo")) {
        return Some(attachment(
            largest,
            MediaKind::Image,
            Some("image/jpeg".to_owned()),
        ));
    }
    FIELDS.into_iter().find_map(|(field, kind, usual)| {
        let file = message.get(field).some()?;
        file.get("file_id").text()?;
        let mime = file
            .get("mime_type")
            .text()
            .map(without_parameters)
            .or(usual.map(str::to_owned));
        let mime = match kind {
            MediaKind::Sticker if file.get("is_animated").is_true() => {
                Some("application/x-tgsticker".to_owned())
            }
            MediaKind::Sticker if file.get("is_video").is_true() => Some("video/webm".to_owned()),
            _ => mime,
        };
        let kind = match (kind, mime.as_deref()) {
            (MediaKind::File, Some("image/jpeg" | "image/png" | "image/webp" | "image/gif")) => {
                MediaKind::Image
            }
            _ => kind,
        };
        Some(attachment(file, kind, mime))
    })
}

/// The sizes come smallest first; the area decides, in case they once do not.
fn largest_photo(sizes: Node<'_>) -> Option<Node<'_>> {
    sizes
        .list()
        .filter(|size| size.get("file_id").text().is_some())
        .max_by_key(|size| {
            let side = |key| size.get(key).integer().unwrap_or(0);
            side("width").saturating_mul(side("height"))
        })
}

fn attachment(file: Node<'_>, kind: MediaKind, mime: Option<String>) -> Attachment {
    let name = file.get("file_name").text().map(plain_name);
    Attachment {
        source: file
            .get("file_id")
            .owned()
            .map(|id| MediaSource::Id { id, sha256: None }),
        mime,
        name: name.filter(|name| !name.is_empty()),
        size: file.get("file_size").size(),
        ..Attachment::of(kind)
    }
}

fn without_parameters(mime: &str) -> String {
    mime.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// A told name without folders and control characters.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    clean_text(last)
        .replace(['\n', '\t'], " ")
        .trim()
        .to_owned()
}
