//! Where the file of an attachment lives is not documented: the places are tried in order.

use super::value::{at, first_int, first_text};
use domain::message::{Attachment, MediaKind, MediaSource};
use serde_json::Value;

/// Where an address may stand, in the order of trying.
const PLACES: [&[&str]; 9] = [
    &["media", "url"],
    &["media_url"],
    &["media"],
    &["attachment", "url"],
    &["attachment_url"],
    &["attachment"],
    &["file", "url"],
    &["file_url"],
    &["url"],
];

/// Where a name may stand.
const NAMES: [&[&str]; 9] = [
    &["media", "file_name"],
    &["media", "filename"],
    &["media", "name"],
    &["attachment", "file_name"],
    &["attachment", "name"],
    &["file", "name"],
    &["media_file_name"],
    &["file_name"],
    &["filename"],
];

/// The address of a message's file, if any place holds an absolute one.
pub(super) fn address(data: &Value) -> Option<&str> {
    PLACES.iter().find_map(|place| {
        let text = at(data, place)?.as_str()?.trim();
        let lower = text.get(..8)?.to_ascii_lowercase();
        (lower.starts_with("https://") || lower.starts_with("http://")).then_some(text)
    })
}

/// The file of a message; without a source when no place holds an address.
pub(super) fn attachment(data: &Value, content_type: &str) -> Attachment {
    let mime = content_type
        .split(';')
        .next()
        .map(|m| m.trim().to_ascii_lowercase())
        .filter(|m| m.contains('/'));
    let address = address(data);
    let name = first_text(data, &NAMES)
        .map(str::to_owned)
        .or_else(|| address.and_then(last_segment))
        .map(|n| clean_name(&n))
        .filter(|n| !n.is_empty());
    let size = first_int(
        data,
        &[&["media", "size"], &["media", "file_size"], &["file_size"]],
    );
    Attachment {
        source: address.map(|url| MediaSource::Url {
            url: url.to_owned(),
        }),
        name,
        size: size.and_then(|s| u64::try_from(s).ok()),
        ..Attachment {
            mime: mime.clone(),
            ..Attachment::of(kind(mime.as_deref()))
        }
    }
}

fn kind(mime: Option<&str>) -> MediaKind {
    match mime.and_then(|m| m.split('/').next()) {
        Some("image") => MediaKind::Image,
        Some("video") => MediaKind::Video,
        Some("audio") => MediaKind::Audio,
        _ => MediaKind::File,
    }
}

fn last_segment(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    let segment = url.path_segments()?.next_back()?;
    percent_encoding::percent_decode_str(segment)
        .decode_utf8()
        .ok()
        .map(|s| s.into_owned())
        .filter(|s| s.contains('.'))
}

/// A file name without path and control characters, of at most 120 characters.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect::<String>()
        .trim()
        .trim_start_matches('.')
        .to_owned()
}
