//! What a file is, judged by its first bytes. What a stranger says about it only counts where
//! the bytes leave it open.

/// How many of the first bytes are looked at.
pub(super) const HEAD: usize = 8192;

/// Types that a browser would run. They are kept as what they are made of: text.
const ACTIVE: [&str; 4] = [
    "text/html",
    "text/xml",
    "text/x-shellscript",
    "image/svg+xml",
];

/// The MIME type, without parameters.
pub(super) fn mime(head: &[u8], told: Option<&str>) -> String {
    let told = told.map(bare).unwrap_or_default();
    let found = infer::get(head).map(|kind| kind.mime_type());
    match found {
        Some(kind) if ACTIVE.contains(&kind) => "text/plain".to_owned(),
        Some(kind) => refined(usual(kind), &told),
        None if head.is_empty() => "application/octet-stream".to_owned(),
        None if is_text(head) => match told.as_str() {
            "text/csv" | "text/calendar" | "text/vcard" => told,
            _ => "text/plain".to_owned(),
        },
        None => "application/octet-stream".to_owned(),
    }
}

fn bare(mime: &str) -> String {
    mime.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// The registered name where the sniffer has another.
fn usual(kind: &str) -> &str {
    match kind {
        "audio/m4a" => "audio/mp4",
        "audio/opus" => "audio/ogg",
        "audio/x-wav" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        "image/heif" => "image/heic",
        other => other,
    }
}

/// Containers hold several things; there the told type may be the closer one.
fn refined(found: &str, told: &str) -> String {
    let closer = match found {
        "video/mp4" => matches!(told, "audio/mp4" | "video/quicktime"),
        "video/webm" => told == "audio/webm",
        "audio/ogg" => told == "video/ogg",
        "application/gzip" => told == "application/x-tgsticker",
        "application/zip" => {
            told.starts_with("application/vnd.openxmlformats-officedocument.")
                || told.starts_with("application/vnd.oasis.opendocument.")
                || told == "application/epub+zip"
        }
        "application/x-ole-storage" => matches!(
            told,
            "application/msword" | "application/vnd.ms-excel" | "application/vnd.ms-powerpoint"
        ),
        "image/heic" => told == "image/heif",
        _ => false,
    };
    if closer { told } else { found }.to_owned()
}

/// UTF-8 without control characters of its own; the last character may be cut off.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => head
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
        Err(_) => return false,
    };
    !text.is_empty()
        && !text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_what_a_file_is() {
        let png = b"\x89PNG\r\n\x1a\n0000IHDR";
        let table: &[(&[u8], Option<&str>, &str)] = &[
            (png, Some("image/jpeg"), "image/png"),
            (png, Some("text/html"), "image/png"),
            (b"\xff\xd8\xff\xe0JFIF", None, "image/jpeg"),
            (
                b"<html><script>alert(1)</script>",
                Some("image/png"),
                "text/plain",
            ),
            (
                b"<svg xmlns='x' onload='y'>",
                Some("image/svg+xml"),
                "text/plain",
            ),
            (
                b"<?xml version='1.0'?><svg>",
                Some("image/svg+xml"),
                "text/plain",
            ),
            (b"#!/bin/sh\nrm", None, "text/plain"),
            (b"hola", Some("application/pdf"), "text/plain"),
            (b"a;b\n1;2", Some("text/csv; charset=utf-8"), "text/csv"),
            ("ñandú".as_bytes(), None, "text/plain"),
            (b"\xc3\xb1and\xc3", None, "text/plain"),
            (
                b"\x00\x01\x02\x03",
                Some("image/png"),
                "application/octet-stream",
            ),
            (b"", Some("image/png"), "application/octet-stream"),
            (b"%PDF-1.7", None, "application/pdf"),
            (b"OggS\0\x02", Some("audio/ogg; codecs=opus"), "audio/ogg"),
            (
                b"\x1f\x8b\x08\0",
                Some("application/x-tgsticker"),
                "application/x-tgsticker",
            ),
            (b"\x1f\x8b\x08\0", Some("image/png"), "application/gzip"),
            (b"PK\x03\x04", Some("text/html"), "application/zip"),
        ];
        for (head, told, expected) in table {
            assert_eq!(mime(head, *told), *expected, "{head:?} {told:?}");
        }
    }
}
