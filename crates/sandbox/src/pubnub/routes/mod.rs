//! The REST paths that the SDKs call.

mod groups;
mod history;
mod presence;
mod publish;
mod subscribe;

use actix_web::web::{Data, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{PubNub, errors};

/// The routes of PubNub's listener.
pub fn service(cfg: &mut ServiceConfig) {
    let presence = "/v2/presence/sub-key/{key}/channel/{channels}";
    let groups = "/v1/channel-registration/sub-key/{key}/channel-group";
    cfg.route("/time/0", get().to(time))
        .route(
            "/v2/subscribe/{key}/{channels}/0",
            get().to(subscribe::poll),
        )
        .route(
            "/publish/{pub}/{key}/0/{channel}/0/{payload:.*}",
            get().to(publish::by_get),
        )
        .route(
            "/publish/{pub}/{key}/0/{channel}/0",
            post().to(publish::by_post),
        )
        .route(
            "/signal/{pub}/{key}/0/{channel}/0/{payload:.*}",
            get().to(publish::signal),
        )
        .route(
            "/v3/history/sub-key/{key}/channel/{channels}",
            get().to(history::fetch),
        )
        .route(
            &format!("{presence}/heartbeat"),
            get().to(presence::heartbeat),
        )
        .route(&format!("{presence}/leave"), get().to(presence::leave))
        .route(presence, get().to(presence::here))
        .route("/v2/presence/sub-key/{key}", get().to(presence::everywhere))
        .route(
            "/v2/presence/sub-key/{key}/uuid/{uuid}",
            get().to(presence::of_uuid),
        )
        .route(groups, get().to(groups::names_of_all))
        .route(
            &format!("{groups}/{{group}}"),
            get().to(groups::change_or_list),
        )
        .route(
            &format!("{groups}/{{group}}/remove"),
            get().to(groups::remove),
        );
}

async fn time(network: Data<PubNub>) -> HttpResponse {
    errors::ok(&json!([network.core.clock.ticks()]))
}

/// The path's segments, decoded one by one: payloads and names may contain encoded slashes.
fn segments(req: &HttpRequest) -> Vec<String> {
    req.uri()
        .path()
        .split('/')
        .skip(1)
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect()
}

/// One segment, empty when there is none.
fn segment(req: &HttpRequest, at: usize) -> String {
    segments(req).into_iter().nth(at).unwrap_or_default()
}

/// A comma-separated list of names; a lone comma stands for "no channels".
fn names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in text.split(',').filter(|name| !name.is_empty()) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
