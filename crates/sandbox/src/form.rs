//! Reading multipart forms, which Graph and the Bot API take for uploads.

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::web::Bytes;
use futures::StreamExt;

/// One part of a form.
#[derive(Debug, Clone)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name; `None` for plain fields.
    pub filename: Option<String>,
    /// The part's own content type.
    pub mime: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
}

impl Part {
    /// The bytes as text; bytes outside UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Whether the request carries a multipart form.
pub fn is_multipart(request: &HttpRequest) -> bool {
    request
        .headers()
        .get("Content-Type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .to_ascii_lowercase()
                .starts_with("multipart/form-data")
        })
}

/// Splits a body that is already in memory into its parts.
///
/// # Errors
/// Says in English what is malformed.
pub async fn parts(request: &HttpRequest, body: Bytes) -> Result<Vec<Part>, String> {
    let stream =
        futures::stream::once(async move { Ok::<_, actix_web::error::PayloadError>(body) });
    let mut form = Multipart::new(request.headers(), Box::pin(stream));
    let mut parts = Vec::new();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|error| error.to_string())?;
        let disposition = field.content_disposition();
        let name = disposition
            .and_then(|it| it.get_name())
            .unwrap_or_default()
            .to_owned();
        let filename = disposition
            .and_then(|it| it.get_filename())
            .map(str::to_owned);
        let mime = field.content_type().map(ToString::to_string);
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            bytes.extend_from_slice(&chunk.map_err(|error| error.to_string())?);
        }
        parts.push(Part {
            name,
            filename,
            mime,
            bytes: bytes.into(),
        });
    }
    Ok(parts)
}
