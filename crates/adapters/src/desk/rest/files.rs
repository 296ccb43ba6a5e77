//! Which files Let's Talk takes.

/// The MIME types that Let's Talk documents for attachments; an organization may allow fewer.
const ACCEPTED: [&str; 23] = [
    "application/csv",
    "application/geojson",
    "application/msword",
    "application/octet-stream",
    "application/pdf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "audio/mp3",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/jpg",
    "image/png",
    "image/tiff",
    "image/x-tiff",
    "text/comma-separated-values",
    "text/csv",
    "video/mov",
    "video/mp4",
    "video/quicktime",
];

/// Whether Let's Talk takes a file of this MIME type as it is. Others (voice notes in
/// `audio/ogg`, stickers in `image/webp`, `text/plain` …) travel as `application/octet-stream`
/// with the right file name, or as a link.
#[must_use]
pub fn accepted_mime(mime: &str) -> bool {
    let essence = mime.split(';').next().unwrap_or_default().trim();
    ACCEPTED.iter().any(|a| a.eq_ignore_ascii_case(essence))
}
