//! Files (`channels.md` §2.5): by kind where type and size are taken, else as a document, else
//! as a link.

use super::{file_part, part, plain, texts};
use crate::channels::meta::words;
use domain::message::{Attachment, MediaKind, StoredFile, TextUnit};
use domain::ports::{Part, PartFile, RenderContext};
use serde_json::{Map, Value, json};

const KB: u64 = 1 << 10;
const MB: u64 = 1 << 20;
/// The longest caption.
const CAPTION: usize = 1024;

const IMAGES: [&str; 2] = ["image/jpeg", "image/png"];
const VIDEOS: [&str; 2] = ["video/mp4", "video/3gpp"];
const AUDIOS: [&str; 5] = [
    "audio/aac",
    "audio/amr",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
];
const DOCUMENTS: [&str; 8] = [
    "application/pdf",
    "text/plain",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];

/// The file with its words: in the caption where there is one and they fit, else after it.
pub(super) fn parts(
    attachment: &Attachment,
    caption: Option<&str>,
    context: &RenderContext,
) -> Vec<Part> {
    let said = words::prefixed(&context.prefix, caption.unwrap_or_default());
    let link = context.file_link.as_deref();
    let stored = attachment.stored.as_ref();
    let form = stored.and_then(|file| form_of(attachment.kind, file));
    let (file, form) = match (stored, form, link) {
        (Some(file), Some(form), _) => (file, form),
        // Better refused by the platform with a reason than silently lost.
        (Some(file), None, None) => (file, "document"),
        _ => {
            let words = words::with_link(attachment, caption.unwrap_or_default(), link);
            return texts(&words::prefixed(&context.prefix, &words));
        }
    };
    let mut content = Map::new();
    if form == "audio"
        && attachment.kind == MediaKind::Voice
        && canonical(&file.mime) == "audio/ogg"
    {
        content.insert("voice".to_owned(), json!(true));
    }
    if form == "document" {
        let name = words::file_name(&file.name).unwrap_or_else(|| "file".to_owned());
        content.insert("filename".to_owned(), json!(name));
    }
    let words = domain::message::clean_text(&plain::plain(&said));
    let captioned = matches!(form, "image" | "video" | "document")
        && TextUnit::Characters.length(&words) <= CAPTION;
    let mut after = Vec::new();
    if captioned && !words.trim().is_empty() {
        content.insert("caption".to_owned(), json!(words));
    } else if !captioned {
        after = texts(&said);
    }
    let upload = PartFile {
        file: file.clone(),
        kind: attachment.kind,
        field: form.to_owned(),
    };
    let mut parts = vec![file_part(form, Value::Object(content), upload)];
    parts.extend(after);
    parts
}

/// The same part as a document, for a file that the platform did not take as what it is.
pub(in super::super) fn as_document(original: &Part) -> Option<Part> {
    let upload = original.file.as_ref().filter(|f| f.field != "document")?;
    let mut content = json!({ "filename": words::file_name(&upload.file.name)? });
    if let Some(caption) = original
        .body
        .get(&upload.field)
        .and_then(|c| c.get("caption"))
    {
        content["caption"] = caption.clone();
    }
    let mut part = part("document", content);
    if let Some(quote) = original.body.get("context") {
        part.body["context"] = quote.clone();
    }
    part.file = Some(PartFile {
        field: "document".to_owned(),
        ..upload.clone()
    });
    Some(part)
}

/// One name for a type with several.
fn canonical(mime: &str) -> &str {
    match mime {
        "image/jpg" => "image/jpeg",
        "audio/mp3" => "audio/mpeg",
        "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        "audio/opus" | "application/ogg" => "audio/ogg",
        other => other,
    }
}

/// The type under which the file may go; `None` when the platform takes it in no form.
fn form_of(kind: MediaKind, file: &StoredFile) -> Option<&'static str> {
    let mime = canonical(&file.mime);
    let wished = match kind {
        MediaKind::Image if IMAGES.contains(&mime) && file.size <= 5 * MB => Some("image"),
        MediaKind::Video if VIDEOS.contains(&mime) && file.size <= 16 * MB => Some("video"),
        MediaKind::Audio | MediaKind::Voice if AUDIOS.contains(&mime) && file.size <= 16 * MB => {
            Some("audio")
        }
        // Animated ones may have 500 KB, but nothing here tells them apart.
        MediaKind::Sticker if mime == "image/webp" && file.size <= 100 * KB => Some("sticker"),
        MediaKind::Sticker if IMAGES.contains(&mime) && file.size <= 5 * MB => Some("image"),
        _ => None,
    };
    let uploadable = [&IMAGES[..], &VIDEOS, &AUDIOS, &DOCUMENTS, &["image/webp"]];
    let document = uploadable.iter().any(|types| types.contains(&mime)) && file.size <= 100 * MB;
    wished.or(document.then_some("document"))
}
