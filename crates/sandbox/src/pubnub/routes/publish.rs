//! `/publish/…` by GET and POST, `/signal/…`.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Kind, PubNub, Publication, errors};
use super::{segment, segments};

#[derive(Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    uuid: String,
    #[serde(default)]
    auth: String,
    meta: Option<String>,
    store: Option<u8>,
    custom_message_type: Option<String>,
    seqn: Option<u64>,
}

pub(super) async fn by_get(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let text = segments(&req).split_off(6).join("/");
    publish(
        &req,
        params.into_inner(),
        network,
        text.as_bytes(),
        Kind::Message,
    )
}

pub(super) async fn by_post(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
    body: Bytes,
) -> HttpResponse {
    publish(&req, params.into_inner(), network, &body, Kind::Message)
}

pub(super) async fn signal(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let text = segments(&req).split_off(6).join("/");
    publish(
        &req,
        params.into_inner(),
        network,
        text.as_bytes(),
        Kind::Signal,
    )
}

fn publish(
    req: &HttpRequest,
    params: Params,
    network: Data<PubNub>,
    body: &[u8],
    kind: Kind,
) -> HttpResponse {
    let now = network.core.clock.ticks();
    let refuse = |status, reason| errors::not_published(status, reason, now);
    let channel = segment(req, 4);
    let Some(keyset) = network.keyset(&segment(req, 2)) else {
        return refuse(StatusCode::BAD_REQUEST, "Invalid Key");
    };
    if keyset.publish_key != segment(req, 1) {
        return refuse(StatusCode::BAD_REQUEST, "Invalid Key");
    }
    // A message goes to one plain channel: no list, no wildcard, no presence channel.
    if channel.is_empty() || channel.contains([',', '*', ':', ' ']) || channel.ends_with("-pnpres")
    {
        return refuse(StatusCode::BAD_REQUEST, "Invalid Channel");
    }
    if let Err(forbidden) = keyset.check(&params.auth, std::slice::from_ref(&channel), &[]) {
        return errors::forbidden(&forbidden);
    }
    if body.len() + channel.len() > keyset.settings().message_limit {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "Message Too Large");
    }
    let Ok(payload) = serde_json::from_slice::<Value>(body) else {
        return refuse(StatusCode::BAD_REQUEST, "Invalid JSON");
    };
    let meta = match params.meta.as_deref().map(serde_json::from_str) {
        None => None,
        Some(Ok(meta)) => Some(meta),
        Some(Err(_)) => return refuse(StatusCode::BAD_REQUEST, "Invalid Meta"),
    };
    let at = network.into_inner().publish(
        &keyset,
        Publication {
            channel,
            payload,
            uuid: params.uuid,
            meta,
            kind,
            custom_type: params.custom_message_type,
            sequence: params.seqn,
            not_stored: params.store == Some(0) || kind == Kind::Signal,
        },
    );
    errors::ok(&json!([1, "Sent", at.to_string()]))
}
