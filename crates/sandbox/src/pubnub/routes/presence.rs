//! `/v2/presence/…`: heartbeat, leave, here-now, where-now.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::{Keyset, PubNub, errors};
use super::{names, segment};

#[derive(Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    uuid: String,
    #[serde(default)]
    auth: String,
    #[serde(default, rename = "channel-group")]
    groups: String,
    heartbeat: Option<u64>,
    #[serde(default)]
    disable_uuids: u8,
}

pub(super) async fn heartbeat(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let (channels, groups) = (names(&segment(&req, 5)), names(&params.groups));
    if let Err(forbidden) = keyset.check(&params.auth, &channels, &groups) {
        return errors::forbidden(&forbidden);
    }
    if params.uuid.is_empty() {
        return errors::bad_request("Presence", "Missing uuid");
    }
    let timeout = params.heartbeat.unwrap_or(300);
    keyset.heartbeat(&channels, &groups, &params.uuid, timeout * 1000);
    errors::ok(&json!({"status": 200, "message": "OK", "service": "Presence"}))
}

pub(super) async fn leave(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let (channels, groups) = (names(&segment(&req, 5)), names(&params.groups));
    if let Err(forbidden) = keyset.check(&params.auth, &channels, &groups) {
        return errors::forbidden(&forbidden);
    }
    keyset.leave(&channels, &groups, &params.uuid);
    errors::ok(&json!({"status": 200, "message": "OK", "action": "leave", "service": "Presence"}))
}

/// One channel alone is answered flat, several (or a group) under `payload`.
pub(super) async fn here(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let (mut channels, groups) = (names(&segment(&req, 5)), names(&params.groups));
    if let Err(forbidden) = keyset.check(&params.auth, &channels, &groups) {
        return errors::forbidden(&forbidden);
    }
    if let ([channel], true) = (channels.as_slice(), groups.is_empty()) {
        let mut body = occupancy(&keyset, channel, params.disable_uuids == 1);
        if let Some(fields) = body.as_object_mut() {
            fields.insert("status".to_owned(), json!(200));
            fields.insert("message".to_owned(), json!("OK"));
            fields.insert("service".to_owned(), json!("Presence"));
        }
        return errors::ok(&body);
    }
    for group in &groups {
        channels.extend(keyset.group(group));
    }
    several(&keyset, &channels, params.disable_uuids == 1)
}

pub(super) async fn everywhere(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let channels = keyset.occupied();
    several(&keyset, &channels, params.disable_uuids == 1)
}

pub(super) async fn of_uuid(req: HttpRequest, network: Data<PubNub>) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let channels = keyset.channels_of(&segment(&req, 5));
    errors::ok(&json!({
        "status": 200,
        "message": "OK",
        "payload": { "channels": channels },
        "service": "Presence",
    }))
}

fn several(keyset: &Keyset, channels: &[String], without_uuids: bool) -> HttpResponse {
    let mut rooms = Map::new();
    let mut total = 0;
    for channel in channels {
        let room = occupancy(keyset, channel, without_uuids);
        let count = room["occupancy"].as_u64().unwrap_or(0);
        if count > 0 {
            total += count;
            rooms.insert(channel.clone(), room);
        }
    }
    errors::ok(&json!({
        "status": 200,
        "message": "OK",
        "payload": {
            "total_channels": rooms.len(),
            "total_occupancy": total,
            "channels": rooms,
        },
        "service": "Presence",
    }))
}

fn occupancy(keyset: &Keyset, channel: &str, without_uuids: bool) -> Value {
    let uuids = keyset.here(channel);
    let count = uuids.len();
    if without_uuids {
        json!({ "occupancy": count })
    } else {
        json!({ "uuids": uuids, "occupancy": count })
    }
}
