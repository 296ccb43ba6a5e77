//! `/v1/channel-registration/…`: which channels a group holds.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::super::{PubNub, errors};
use super::{names, segment};

/// PubNub's limit of channels in one call.
const CHANNELS_PER_CALL: usize = 200;

#[derive(Deserialize)]
pub(super) struct Params {
    #[serde(default)]
    auth: String,
    add: Option<String>,
    remove: Option<String>,
}

const SERVICE: &str = "channel-registry";

/// With `add` or `remove` it changes the group, without them it lists its channels.
pub(super) async fn change_or_list(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let group = segment(&req, 5);
    if let Err(forbidden) = keyset.check(&params.auth, &[], std::slice::from_ref(&group)) {
        return errors::forbidden(&forbidden);
    }
    let (add, remove) = (
        params.add.as_deref().map(names).unwrap_or_default(),
        params.remove.as_deref().map(names).unwrap_or_default(),
    );
    if add.len() > CHANNELS_PER_CALL || remove.len() > CHANNELS_PER_CALL {
        return errors::bad_request(SERVICE, "Too many channels in one call");
    }
    if params.add.is_none() && params.remove.is_none() {
        let channels = keyset.group(&group);
        return errors::ok(&json!({
            "status": 200,
            "payload": { "channels": channels, "group": group },
            "service": SERVICE,
            "error": false,
        }));
    }
    keyset.add_to_group(&group, &add);
    keyset.remove_from_group(&group, &remove);
    done()
}

pub(super) async fn remove(
    req: HttpRequest,
    params: Query<Params>,
    network: Data<PubNub>,
) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    let group = segment(&req, 5);
    if let Err(forbidden) = keyset.check(&params.auth, &[], std::slice::from_ref(&group)) {
        return errors::forbidden(&forbidden);
    }
    let channels = keyset.group(&group);
    keyset.remove_from_group(&group, &channels);
    done()
}

pub(super) async fn names_of_all(req: HttpRequest, network: Data<PubNub>) -> HttpResponse {
    let Some(keyset) = network.keyset(&segment(&req, 3)) else {
        return errors::invalid_key();
    };
    errors::ok(&json!({
        "status": 200,
        "payload": { "groups": keyset.group_names(), "sub_key": keyset.subscribe_key },
        "service": SERVICE,
        "error": false,
    }))
}

fn done() -> HttpResponse {
    errors::ok(&json!({"status": 200, "message": "OK", "service": SERVICE, "error": false}))
}
