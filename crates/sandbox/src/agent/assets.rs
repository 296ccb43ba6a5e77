//! The page's files, built into the program.

use actix_web::HttpResponse;
use actix_web::web::Path;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/pages/agent"]
struct Files;

pub(super) async fn page() -> HttpResponse {
    serve("index.html")
}

pub(super) async fn file(name: Path<String>) -> HttpResponse {
    serve(&name)
}

fn serve(name: &str) -> HttpResponse {
    match Files::get(name) {
        Some(file) => HttpResponse::Ok()
            .content_type(mime_guess::from_path(name).first_or_octet_stream())
            .insert_header(("Cache-Control", "no-cache"))
            .body(file.data.into_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}
