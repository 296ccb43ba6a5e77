//! The files of `static/`, inside the program. An address carries the file's hash, so that a
//! browser may keep it for a year and still see a new version at once.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../static"]
#[exclude = "*.md"]
struct Files;

/// Path of each file with the first 12 hexadecimal digits of its SHA-256.
static HASHES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|path| {
            let hash = hex::encode(Files::get(&path)?.metadata.sha256_hash());
            Some((path.into_owned(), hash.chars().take(12).collect()))
        })
        .collect()
});

/// The address of a file of `static/`, e.g. `css/relevo.css`.
#[must_use]
pub fn url(path: &str) -> String {
    match HASHES.get(path) {
        Some(hash) => format!("/static/{path}?v={hash}"),
        None => format!("/static/{path}"),
    }
}

/// `GET /static/{path}`: kept for a year if asked with the right hash, otherwise revalidated.
pub async fn serve(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    let Some(file) = Files::get(&path) else {
        return HttpResponse::NotFound().finish();
    };
    let hash: String = hex::encode(file.metadata.sha256_hash())
        .chars()
        .take(12)
        .collect();
    let tag = format!("\"{hash}\"");
    let known = request.headers().get(header::IF_NONE_MATCH);
    if known.and_then(|v| v.to_str().ok()) == Some(tag.as_str()) {
        return HttpResponse::NotModified()
            .insert_header((header::ETAG, tag))
            .finish();
    }
    let lasting = request.query_string() == format!("v={hash}");
    let keep = if lasting {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mime = mime_guess::from_path(path.as_str()).first_or_octet_stream();
    HttpResponse::Ok()
        .content_type(mime.as_ref())
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, keep))
        .body(file.data.into_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_carries_the_hash_of_its_file() {
        assert!(super::url("css/relevo.css").starts_with("/static/css/relevo.css?v="));
    }
}
