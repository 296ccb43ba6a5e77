//! `GET /media/{key}/{name}`: the file of an attachment, for whoever knows the address.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::super::LetsTalk;
use super::super::errors::Refusal;

pub(super) async fn fetch(
    platform: Data<LetsTalk>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let file = platform.file(&path.0).ok_or(Refusal::NotFound)?;
    let mut answer = HttpResponse::Ok();
    // A type that is no header value is left out rather than refused.
    if let Ok(kind) = actix_web::http::header::HeaderValue::from_str(&file.mime) {
        answer.insert_header((actix_web::http::header::CONTENT_TYPE, kind));
    }
    Ok(answer.body(file.bytes.clone()))
}
