//! `GET /v2/subscribe/{sub}/{channels}/0`: the long poll.

use std::time::Duration;

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::super::filter::Filter;
use super::super::keyset::Found;
use super::super::wire::{Answer, Stamp};
use super::super::{Keyset, PubNub, errors};
use super::{names, segment};

/// PubNub counts a silent uuid as gone after this many seconds unless the SDK says otherwise.
const PRESENCE_TIMEOUT_S: u64 = 300;

#[derive(Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    tt: String,
    #[serde(default, rename = "channel-group")]
    groups: String,
    #[serde(default)]
    uuid: String,
    #[serde(default)]
    auth: String,
    heartbeat: Option<u64>,
    #[serde(rename = "filter-expr")]
    filter: Option<String>,
}

/// Answers at once with what came after `tt`, or waits for it as long as the keyset holds polls.
pub(super) async fn poll(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 2)) else {
        return errors::invalid_key();
    };
    let channels = names(&segment(&req, 3));
    let groups = names(&params.groups);
    let filter = match params.filter.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => match Filter::parse(text) {
            Some(filter) => Some(filter),
            None => return errors::bad_request("PubSub", "Invalid filter expression"),
        },
    };
    if let Some(refusal) = refused(&keyset, &params.auth, &channels, &groups) {
        return refusal;
    }
    let Ok(cursor) = (if params.tt.is_empty() {
        "0"
    } else {
        &params.tt
    })
    .parse::<u64>() else {
        return errors::bad_request("PubSub", "Invalid timetoken");
    };
    if !params.uuid.is_empty() {
        let timeout = params.heartbeat.unwrap_or(PRESENCE_TIMEOUT_S);
        keyset.heartbeat(&channels, &groups, &params.uuid, timeout * 1000);
    }
    if cursor == 0 {
        return answered(&keyset, Vec::new(), keyset.cursor());
    }
    hold(&keyset, &channels, &groups, cursor, filter.as_ref()).await
}

fn refused(
    keyset: &Keyset,
    auth: &str,
    channels: &[String],
    groups: &[String],
) -> Option<HttpResponse> {
    if channels.is_empty() && groups.is_empty() {
        return Some(errors::bad_request("PubSub", "Invalid channel"));
    }
    if let Err(forbidden) = keyset.check(auth, channels, groups) {
        return Some(errors::forbidden(&forbidden));
    }
    let mut asked = groups
        .iter()
        .filter(|name| !name.ends_with("-pnpres"))
        .peekable();
    let empty = asked.peek().is_some() && asked.all(|name| keyset.group(name).is_empty());
    let alone = channels.is_empty() || keyset.settings().empty_group_refuses_channels;
    (empty && alone).then(errors::empty_group)
}

async fn hold(
    keyset: &Keyset,
    channels: &[String],
    groups: &[String],
    mut cursor: u64,
    filter: Option<&Filter>,
) -> HttpResponse {
    let patience = tokio::time::sleep(Duration::from_millis(keyset.settings().hold_ms));
    tokio::pin!(patience);
    // The place is taken before looking, so nothing can come unnoticed in between.
    let waiting = keyset.wait(channels, groups);
    let mut last_look = false;
    loop {
        let (mut found, next) = keyset.collect(channels, groups, cursor);
        let looked_at = !found.is_empty();
        if let Some(filter) = filter {
            found.retain(|(_, stored)| filter.passes(&stored.publication));
        }
        if !found.is_empty() || last_look {
            return answered(keyset, found, next);
        }
        if looked_at {
            cursor = next;
        }
        tokio::select! {
            came = waiting.woken() => if !came { return crate::server::cut(); },
            () = &mut patience => last_look = true,
        }
    }
}

fn answered(keyset: &Keyset, found: Vec<Found>, next: u64) -> HttpResponse {
    let region = keyset.settings().region;
    errors::ok(&Answer {
        t: Stamp {
            t: next.to_string(),
            r: region,
        },
        m: found
            .iter()
            .map(|(subscription, stored)| stored.entry(subscription, &keyset.subscribe_key, region))
            .collect(),
    })
}
