//! Reading the head of a request.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

/// All headers: names in lower case, repeated ones repeated.
#[must_use]
pub fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}

/// Whether the body is compressed or otherwise not what was signed.
#[must_use]
pub fn is_encoded(map: &HeaderMap) -> bool {
    map.get_all("content-encoding").any(|value| {
        !value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    })
}

/// Whether a text can be the unguessable part of an address of ours at all: what cannot is not
/// worth asking the database for.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (8..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The size of the body as told; `None` when it comes in chunks.
#[must_use]
pub fn told_size(request: &HttpRequest) -> Option<u64> {
    request
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
}
