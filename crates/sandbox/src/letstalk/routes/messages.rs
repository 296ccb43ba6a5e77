//! `POST /messages` (JSON or multipart) and `GET /messages`.

use actix_multipart::Multipart;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut, Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::Value;

use super::super::LetsTalk;
use super::super::errors::Refusal;
use super::super::media;
use super::super::messages::{Draft, Slice};
use super::super::model::Content;
use super::super::shapes::{self, Place};
use super::auth::Key;

/// Largest attachment the simulator reads.
const MAX_FILE: usize = 100 << 20;

/// The fields of both forms, before their meaning is checked.
#[derive(Default, Deserialize)]
struct Fields {
    content: Option<Value>,
    content_type: Option<String>,
    remote_id: Option<String>,
    conversation_id: Option<Value>,
    #[serde(skip)]
    media: Option<(String, Bytes)>,
}

pub(super) async fn create(
    platform: Data<LetsTalk>,
    key: Key,
    req: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Refusal> {
    // Credentials first: a stranger learns nothing about the body.
    platform.lock().owner(&key.0)?;
    let kind = req
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let fields = if kind.starts_with("multipart/form-data") {
        from_multipart(Multipart::new(req.headers(), body)).await?
    } else if kind.starts_with("application/json") {
        let bytes = read(body).await?;
        serde_json::from_slice(&bytes).map_err(|error| Refusal::Malformed(error.to_string()))?
    } else {
        return Err(Refusal::Malformed("neither JSON nor multipart".to_owned()));
    };
    let conversation =
        number(fields.conversation_id.as_ref()).ok_or(Refusal::missing("conversation_id"))?;
    let mut store = platform.lock();
    let author = store.owner(&key.0)?;
    let thread = store.visible(&author, conversation)?;
    let settings = store.organization(thread.organization)?.settings.clone();
    let content = match (fields.content_type.as_deref(), fields.media) {
        (Some(mime), Some((name, bytes))) => {
            if fields.content.as_ref().and_then(Value::as_str) != Some("attachment") {
                return Err(Refusal::Invalid {
                    field: "content",
                    problem: "is not attachment",
                });
            }
            media::accept(mime, &settings)?;
            Content::File(platform.keep_file(&mut store, &name, mime, bytes))
        }
        (Some("text/plain"), None) => {
            let text = fields.content.as_ref().and_then(Value::as_str);
            Content::Text(text.ok_or(Refusal::missing("content"))?.to_owned())
        }
        (Some("actionable/list"), None) => {
            let text = fields.content.as_ref().and_then(Value::as_str);
            let list = serde_json::from_str(text.ok_or(Refusal::missing("content"))?);
            Content::Actions(list.map_err(|_| Refusal::Invalid {
                field: "content",
                problem: "is not a JSON document",
            })?)
        }
        (None, _) => return Err(Refusal::missing("content_type")),
        (Some(_), None) => return Err(Refusal::missing("media")),
    };
    let draft = Draft {
        content,
        remote_id: fields.remote_id.filter(|remote_id| !remote_id.is_empty()),
        internal: false,
    };
    let (message, _new) = platform.say(&mut store, &author, conversation, draft)?;
    Ok(HttpResponse::Created().json(shapes::message(&store, &message, Place::Answer)))
}

async fn from_multipart(mut parts: Multipart) -> Result<Fields, Refusal> {
    let broken = |error: actix_multipart::MultipartError| Refusal::Malformed(error.to_string());
    let mut fields = Fields::default();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part
            .content_disposition()
            .and_then(|disposition| disposition.get_filename())
            .map(ToOwned::to_owned);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = part.next().await {
            bytes.extend_from_slice(&chunk.map_err(broken)?);
            if bytes.len() > MAX_FILE {
                return Err(Refusal::Invalid {
                    field: "media",
                    problem: "is too large",
                });
            }
        }
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "content" => fields.content = Some(Value::String(text())),
            "content_type" => fields.content_type = Some(text()),
            "remote_id" => fields.remote_id = Some(text()),
            "conversation_id" => fields.conversation_id = Some(Value::String(text())),
            "media" => {
                let file_name = file_name.ok_or(Refusal::Invalid {
                    field: "media",
                    problem: "is not a file",
                })?;
                fields.media = Some((file_name, bytes.freeze()));
            }
            _ => {}
        }
    }
    Ok(fields)
}

async fn read(mut body: Payload) -> Result<Bytes, Refusal> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| Refusal::Malformed(error.to_string()))?);
    }
    Ok(bytes.freeze())
}

/// A whole number, also when it comes as text, as in forms.
fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    conversation_id: Option<i64>,
    #[serde(rename = "cursor[type]")]
    cursor_type: Option<String>,
    #[serde(rename = "cursor[location]")]
    location: Option<i64>,
    #[serde(rename = "cursor[amount]")]
    amount: Option<usize>,
    page: Option<usize>,
}

/// How many rows without `cursor[amount]`, and how many at most; neither is documented.
const DEFAULT_AMOUNT: usize = 25;
const MAX_AMOUNT: usize = 100;

pub(super) async fn list(
    platform: Data<LetsTalk>,
    key: Key,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Refusal> {
    let store = platform.lock();
    let reader = store.owner(&key.0)?;
    let conversation = query
        .conversation_id
        .ok_or(Refusal::missing("conversation_id"))?;
    let cursor = match (query.cursor_type.as_deref(), query.location) {
        (Some("some_after"), Some(location)) => Some((true, location)),
        (Some("some_before"), Some(location)) => Some((false, location)),
        (None, None) => None,
        (Some(_), Some(_)) => {
            return Err(Refusal::Invalid {
                field: "cursor[type]",
                problem: "is unknown",
            });
        }
        _ => return Err(Refusal::missing("cursor[location]")),
    };
    let slice = Slice {
        cursor,
        amount: query.amount.unwrap_or(DEFAULT_AMOUNT).clamp(1, MAX_AMOUNT),
        page: query.page.unwrap_or(1),
    };
    let rows: Vec<Value> = platform
        .slice(&store, &reader, conversation, slice)?
        .iter()
        .map(|message| shapes::message(&store, message, Place::List))
        .collect();
    Ok(HttpResponse::Ok().json(rows))
}
