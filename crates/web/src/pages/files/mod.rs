//! Files of messages, from our own store: for members, and for whoever holds a signed link.

use super::Page;
use super::conversations::thread::is_shown;
use super::error::PageError;
use crate::extract::{Member, Visitor};
use crate::security::headers::FILE_POLICY;
use crate::state::AppState;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse};
use adapters::links::Links;
use bytes::Bytes;
use domain::ids::{FileId, TenantId};
use domain::message::StoredFile;
use domain::ports::FileStoreError;
use uuid::Uuid;

/// `/files/{id}` for members, `/f/{token}` for agents and contacts.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/files/{id}", web::get().to(show))
        .route("/f/{token}", web::get().to(linked));
}

async fn show(request: HttpRequest, member: Member, id: Path<Uuid>) -> Page {
    let (file, _) = member.store.files().get(FileId(*id)).await?;
    send(&request, &member.visitor.app, member.who.tenant, &file).await
}

/// The one file that a signed link opens. Nothing else of its conversation can be reached.
async fn linked(request: HttpRequest, visitor: Visitor, token: Path<String>) -> Page {
    let app = &visitor.app;
    let links = Links::new(app.links.clone(), app.public_url.as_str());
    let link = links.open_file(&token, app.clock.now())?;
    let (file, _) = app.store.tenant(link.tenant).files().get(link.file).await?;
    let mut answer = send(&request, app, link.tenant, &file).await?;
    keep_private(&mut answer);
    Ok(answer)
}

/// The address is the key: it must neither travel on nor be found by a search engine.
pub(crate) fn keep_private(answer: &mut HttpResponse) {
    let quiet = header::HeaderValue::from_static("no-referrer");
    answer.headers_mut().insert(header::REFERRER_POLICY, quiet);
    let hidden = header::HeaderValue::from_static("noindex, nofollow");
    let robots = HeaderName::from_static("x-robots-tag");
    answer.headers_mut().insert(robots, hidden);
}

/// A file as an answer that can do no harm: its type as sniffed, no sniffing by the browser, no
/// scripts, and as a download unless browsers show that type.
pub(crate) async fn send(
    request: &HttpRequest,
    app: &AppState,
    tenant: TenantId,
    file: &StoredFile,
) -> Page {
    let bytes = app.files.read(tenant, file.id).await.map_err(|e| match e {
        FileStoreError::NotFound => PageError::NotFound,
        e => PageError::Unavailable(e.to_string()),
    })?;
    let shown = is_shown(file);
    let mime = if shown {
        file.mime.as_str()
    } else {
        "application/octet-stream"
    };
    let kind = if shown { "inline" } else { "attachment" };
    let encoded =
        percent_encoding::utf8_percent_encode(&file.name, percent_encoding::NON_ALPHANUMERIC);
    let disposition = format!("{kind}; filename*=UTF-8''{encoded}");
    let total = bytes.len();
    let range = request.headers().get(header::RANGE);
    let range = range.and_then(|r| wanted(r.to_str().ok()?, total));
    let (mut answer, body) = match range {
        Some((from, to)) => {
            let mut answer = HttpResponse::PartialContent();
            answer.insert_header((header::CONTENT_RANGE, format!("bytes {from}-{to}/{total}")));
            (answer, bytes.slice(from..=to))
        }
        None => (HttpResponse::Ok(), bytes),
    };
    Ok(dressed(&mut answer, mime, disposition, body))
}

fn dressed(
    answer: &mut actix_web::HttpResponseBuilder,
    mime: &str,
    disposition: String,
    body: Bytes,
) -> HttpResponse {
    answer
        .content_type(mime)
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CONTENT_SECURITY_POLICY, FILE_POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .body(body)
}

/// The first and last byte of a single range; `None` means the whole file.
fn wanted(range: &str, total: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = total.checked_sub(1)?;
    let (from, to) = match (from.parse::<usize>().ok(), to.parse::<usize>().ok()) {
        (Some(from), Some(to)) => (from, to.min(last)),
        (Some(from), None) if to.is_empty() => (from, last),
        (None, Some(count)) if from.is_empty() => (total.saturating_sub(count), last),
        _ => return None,
    };
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn a_range_stays_inside_the_file() {
        assert_eq!(wanted("bytes=0-99", 10), Some((0, 9)));
        assert_eq!(wanted("bytes=4-", 10), Some((4, 9)));
        assert_eq!(wanted("bytes=-3", 10), Some((7, 9)));
        for odd in ["bytes=10-", "bytes=5-2", "bytes=0-1,3-4", "x", "bytes=-"] {
            assert_eq!(wanted(odd, 10), None, "{odd}");
        }
        assert_eq!(wanted("bytes=0-", 0), None);
    }
}
