//! Files: by kind where the type and size are taken, else as a file, else as a link.

use super::super::Dialect;
use super::{Message, texts};
use crate::channels::meta::words;
use domain::message::{Attachment, MediaKind, StoredFile};
use domain::ports::{PartFile, RenderContext};
use serde_json::json;

/// The most bytes of a picture and of anything else.
const IMAGE_LIMIT: u64 = 8 << 20;
const FILE_LIMIT: u64 = 25 << 20;

/// The file, and the caption after it: the platform has none of its own.
pub(super) fn messages(
    dialect: &Dialect,
    attachment: &Attachment,
    caption: Option<&str>,
    context: &RenderContext,
) -> Vec<Message> {
    let link = context.file_link.as_deref();
    let stored = attachment.stored.as_ref();
    let kind = stored.and_then(|file| accepted(dialect, attachment.kind, file));
    let mut words = caption.unwrap_or_default().to_owned();
    let mut messages = Vec::new();
    match (stored, kind) {
        (Some(file), Some(kind)) => messages.push(message(dialect, kind, file)),
        // Better refused by the platform with a reason than silently lost.
        (Some(file), None) if link.is_none() => messages.push(message(dialect, "file", file)),
        _ => words = words::with_link(attachment, &words, link),
    }
    messages.extend(texts(dialect, &words::prefixed(&context.prefix, &words)));
    messages
}

/// The platform's type under which the file may go.
fn accepted(dialect: &Dialect, kind: MediaKind, file: &StoredFile) -> Option<&'static str> {
    let takes = |types: &[&str]| types.is_empty() || types.contains(&file.mime.as_str());
    let small = |limit| file.size <= limit;
    let wished = match kind {
        MediaKind::Image | MediaKind::Sticker => {
            (takes(dialect.images) && small(IMAGE_LIMIT)).then_some("image")
        }
        MediaKind::Video => (takes(dialect.videos) && small(FILE_LIMIT)).then_some("video"),
        MediaKind::Audio | MediaKind::Voice => {
            (takes(dialect.audios) && small(FILE_LIMIT)).then_some("audio")
        }
        MediaKind::File => None,
    };
    wished.or_else(|| (takes(dialect.files) && small(FILE_LIMIT)).then_some("file"))
}

fn message(dialect: &Dialect, kind: &str, file: &StoredFile) -> Message {
    let attachment = json!({ "type": kind, "payload": {} });
    let body = if dialect.image_list && kind == "image" {
        json!({ "attachments": [attachment] })
    } else {
        json!({ "attachment": attachment })
    };
    let shown = match kind {
        "image" => MediaKind::Image,
        "video" => MediaKind::Video,
        "audio" => MediaKind::Audio,
        _ => MediaKind::File,
    };
    Message {
        file: Some(PartFile {
            file: file.clone(),
            kind: shown,
            field: "filedata".to_owned(),
        }),
        ..Message::of(body)
    }
}
