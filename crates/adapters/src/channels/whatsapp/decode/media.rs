//! Files of messages: WhatsApp names them by id; the address behind it lives five minutes.

use crate::channels::meta::json::Lenient;
use crate::channels::meta::words;
use domain::message::{Attachment, Content, MediaKind, MediaSource};
use serde_json::Value;

/// A file; `None` when nothing says where it is.
pub(super) fn of(kind: MediaKind, body: &Value) -> Option<Content> {
    let sha256 = body.text("sha256").map(str::to_owned);
    let source = match (body.id("id"), body.text("url")) {
        (Some(id), _) => MediaSource::Id { id, sha256 },
        (None, Some(url)) => MediaSource::Url {
            url: url.to_owned(),
        },
        (None, None) => return None,
    };
    Some(Content::Media {
        attachment: Attachment {
            source: Some(source),
            mime: body.text("mime_type").and_then(words::mime),
            name: body.text("filename").and_then(words::file_name),
            size: body.whole("file_size").and_then(|n| u64::try_from(n).ok()),
            ..Attachment::of(kind)
        },
        caption: body.text("caption").map(str::to_owned),
    })
}
