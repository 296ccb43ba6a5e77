//! `GET /v3/history/sub-key/{sub}/channel/{channels}`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::wire::Stored;
use super::super::{Kind, PubNub, errors};
use super::{names, segment};

#[derive(Deserialize)]
pub(super) struct Params {
    max: Option<usize>,
    start: Option<u64>,
    end: Option<u64>,
    #[serde(default)]
    auth: String,
    #[serde(default)]
    include_meta: Option<bool>,
    #[serde(default)]
    include_uuid: Option<bool>,
    #[serde(default)]
    include_message_type: Option<bool>,
}

/// At most 100 messages of one channel, or 25 of each of several. `start` is exclusive and newer,
/// `end` inclusive and older.
pub(super) async fn fetch(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let channels = names(&segment(&req, 5));
    if !keyset.settings().persistence {
        return errors::answer(
            StatusCode::FORBIDDEN,
            &json!({
                "status": 403,
                "error": true,
                "error_message": "Message Persistence is not enabled for this subscribe key.",
                "channels": {},
            }),
        );
    }
    if let Err(forbidden) = keyset.check(&params.auth, &channels, &[]) {
        return errors::forbidden(&forbidden);
    }
    let limit = if channels.len() == 1 { 100 } else { 25 };
    let max = params.max.unwrap_or(limit).clamp(1, limit);
    let start = params.start.unwrap_or(u64::MAX);
    let end = params.end.unwrap_or(0);
    let mut found = Map::new();
    let mut more = None;
    for channel in &channels {
        let stored = keyset.history(channel, start, end, max);
        if stored.is_empty() {
            continue;
        }
        let oldest = stored.first().map_or(0, |stored| stored.published);
        if channels.len() == 1 && !keyset.history(channel, oldest, end, 1).is_empty() {
            more = Some(json!({
                "url": format!("{}?start={oldest}&max={max}", req.uri().path()),
                "start": oldest.to_string(),
                "max": max,
            }));
        }
        let rows = stored.iter().map(|stored| row(stored, &params)).collect();
        found.insert(channel.clone(), Value::Array(rows));
    }
    let mut body = json!({
        "status": 200,
        "error": false,
        "error_message": "",
        "channels": found,
    });
    if let (Some(more), Some(fields)) = (more, body.as_object_mut()) {
        fields.insert("more".to_owned(), more);
    }
    errors::ok(&body)
}

fn row(stored: &Stored, params: &Params) -> Value {
    let message = &stored.publication;
    let mut row = json!({
        "message": message.payload,
        "timetoken": stored.published.to_string(),
    });
    if let Some(fields) = row.as_object_mut() {
        if params.include_uuid != Some(false) {
            fields.insert("uuid".to_owned(), json!(message.uuid));
        }
        if params.include_meta == Some(true) {
            fields.insert(
                "meta".to_owned(),
                message.meta.clone().unwrap_or_else(|| json!("")),
            );
        }
        if params.include_message_type == Some(true) {
            let kind = (message.kind == Kind::Signal).then_some(1);
            fields.insert("message_type".to_owned(), json!(kind));
        }
    }
    row
}
