//! The phone page, embedded.

use actix_web::HttpResponse;
use actix_web::web::Path;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/pages/phone"]
struct Page;

/// `GET /phone`.
pub(super) async fn index() -> HttpResponse {
    file("index.html")
}

/// `GET /phone/static/{name}`.
pub(super) async fn asset(name: Path<String>) -> HttpResponse {
    file(&name)
}

fn file(name: &str) -> HttpResponse {
    match Page::get(name) {
        Some(file) => HttpResponse::Ok()
            .content_type(
                mime_guess::from_path(name)
                    .first_or_octet_stream()
                    .to_string(),
            )
            .insert_header(("Cache-Control", "no-cache"))
            .body(file.data.into_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}
