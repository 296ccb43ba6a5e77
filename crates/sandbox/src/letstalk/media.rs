//! Attachments: which MIME types are accepted, and where files live.

use bytes::Bytes;

use super::errors::Refusal;
use super::settings::OrgSettings;

/// The platform's list, in alphabetical order.
pub(super) const ACCEPTED: [&str; 23] = [
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

/// A stored file.
#[derive(Clone, Debug)]
pub struct File {
    /// The secret part of its URL.
    pub key: String,
    /// The file's name.
    pub name: String,
    /// Its MIME type, as the sender said.
    pub mime: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// SHA-256 of the bytes in lower-case hex.
    pub sha256: String,
    /// Where it can be fetched, without credentials.
    pub url: String,
}

/// `422` unless the type is on the platform's list and on the organization's.
pub(super) fn accept(mime: &str, settings: &OrgSettings) -> Result<(), Refusal> {
    let listed = ACCEPTED.contains(&mime);
    let allowed = settings
        .allowed_mime
        .as_ref()
        .is_none_or(|allowed| allowed.iter().any(|accepted| accepted == mime));
    if listed && allowed {
        Ok(())
    } else {
        Err(Refusal::Invalid {
            field: "content_type",
            problem: "is not allowed",
        })
    }
}
