//! A `POST`: carried out once per idempotency key.

use super::auth::Caller;
use super::problem::Problem;
use crate::edges::body::{self, BodyError, Limits};
use crate::edges::{EdgeState, head};
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use adapters::store::Slot;
use domain::api_key::Scope;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::future::Future;
use std::time::Duration;

/// The largest body.
const CAP: usize = 256 * 1024;
const TIME: Duration = Duration::from_secs(10);

/// One piece of work.
pub(super) struct Work<T> {
    pub state: Data<EdgeState>,
    pub caller: Caller,
    /// The idempotency key.
    pub key: String,
    pub body: T,
}

/// An answer to keep.
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
}

/// Reads a `POST` and carries its work out, unless it was carried out before.
pub(super) async fn post<T, F, W>(
    state: Data<EdgeState>,
    request: HttpRequest,
    payload: Payload,
    scope: Scope,
    work: F,
) -> Result<HttpResponse, Problem>
where
    T: DeserializeOwned + Send + 'static,
    F: FnOnce(Work<T>) -> W + Send + 'static,
    W: Future<Output = Result<Answer, Problem>> + Send,
{
    let caller = Caller::of(&state, &request, scope).await?;
    let key = key(&request)?;
    let bytes = json_body(&request, payload).await?;
    let body: T = serde_json::from_slice(&bytes).map_err(|e| Problem::body(e.to_string()))?;
    let mut hash = Sha256::new();
    hash.update(request.path().as_bytes());
    hash.update([0]);
    hash.update(&bytes);
    let slots = caller.store.idempotency();
    match slots.take(&key, &hash.finalize()).await? {
        Slot::Taken => {}
        Slot::Answered { status, response } => {
            return Ok(written(status, response, true));
        }
        Slot::InProgress => return Err(Problem::InProgress),
        Slot::Other => return Err(Problem::KeyReused),
    }
    // A caller that hangs up neither stops the work nor loses its answer.
    let done = tokio::spawn(async move {
        let work = work(Work {
            state,
            caller,
            key: key.clone(),
            body,
        });
        match work.await {
            Ok(answer) => {
                let text = answer.body.to_string();
                if let Err(error) = slots.finish(&key, answer.status, &text).await {
                    tracing::error!(%error, "the answer to an API call could not be kept");
                }
                Ok((answer.status, text))
            }
            Err(problem) => {
                if let Err(error) = slots.release(&key).await {
                    tracing::warn!(%error, "an idempotency key could not be given back");
                }
                Err(problem)
            }
        }
    });
    let (status, text) = done.await.map_err(|error| {
        tracing::error!(%error, "an API call broke off");
        Problem::Unavailable
    })??;
    Ok(written(status, text, false))
}

fn written(status: u16, text: String, replayed: bool) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.content_type("application/json");
    if replayed {
        response.insert_header(("idempotent-replayed", "true"));
    }
    response.body(text)
}

fn key(request: &HttpRequest) -> Result<String, Problem> {
    let mut told = request.headers().get_all("idempotency-key");
    let (Some(value), None) = (told.next(), told.next()) else {
        return Err(Problem::KeyMissing);
    };
    let visible =
        |text: &&str| (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    value
        .to_str()
        .ok()
        .map(str::trim)
        .filter(visible)
        .map(str::to_owned)
        .ok_or(Problem::KeyMissing)
}

async fn json_body(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let told = request
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    let json = told.trim().eq_ignore_ascii_case("application/json");
    if !json || head::is_encoded(request.headers()) {
        return Err(Problem::Refused {
            status: 415,
            code: "unsupported_media_type",
            detail: "The body must be uncompressed JSON, and Content-Type must say so.",
        });
    }
    let limits = Limits {
        cap: CAP,
        time: TIME,
        room: None,
    };
    let body = body::read(payload, head::told_size(request), limits)
        .await
        .map_err(|error| {
            let (code, detail) = match error {
                BodyError::TooLarge => ("too_large", "The body may have 256 KiB."),
                BodyError::TooSlow => ("too_slow", "The body took too long to arrive."),
                BodyError::Incomplete => ("incomplete_body", "The body broke off."),
                BodyError::NoRoom => return Problem::Unavailable,
            };
            Problem::Refused {
                status: error.status(),
                code,
                detail,
            }
        })?;
    Ok(body.bytes)
}
