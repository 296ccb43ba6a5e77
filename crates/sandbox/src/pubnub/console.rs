//! PubNub's knobs on the console: keysets, settings, grants, cutting polls.

use actix_web::web::{self, Data, Json, Path, ServiceConfig, resource};
use actix_web::{HttpResponse, Responder};
use serde::Deserialize;
use serde_json::json;

use super::{Grant, KeysetRequest, PubNub, SettingsPatch};

/// `POST|GET /pubnub/keysets`, `PATCH /pubnub/keysets/{sub}`,
/// `POST|DELETE /pubnub/keysets/{sub}/grants[/{auth}]`, `POST /pubnub/cut`.
pub fn console(cfg: &mut ServiceConfig) {
    cfg.service(
        resource("/pubnub/keysets")
            .route(web::post().to(create))
            .route(web::get().to(list)),
    )
    .service(resource("/pubnub/keysets/{key}").route(web::patch().to(change)))
    .service(resource("/pubnub/keysets/{key}/grants").route(web::post().to(grant)))
    .service(resource("/pubnub/keysets/{key}/grants/{auth}").route(web::delete().to(revoke)))
    .service(resource("/pubnub/cut").route(web::post().to(cut)));
}

#[derive(Deserialize)]
struct GrantRequest {
    auth: String,
    #[serde(flatten)]
    grant: Grant,
}

async fn create(network: Data<PubNub>, request: Json<KeysetRequest>) -> impl Responder {
    HttpResponse::Created().json(network.create_keyset(request.into_inner()))
}

async fn list(network: Data<PubNub>) -> impl Responder {
    let views: Vec<_> = network
        .keysets()
        .iter()
        .map(|keyset| keyset.view())
        .collect();
    HttpResponse::Ok().json(views)
}

async fn change(
    network: Data<PubNub>,
    key: Path<String>,
    patch: Json<SettingsPatch>,
) -> impl Responder {
    match network.keyset(&key) {
        Some(keyset) => {
            keyset.change_settings(&patch);
            HttpResponse::Ok().json(keyset.view())
        }
        None => unknown(),
    }
}

async fn grant(
    network: Data<PubNub>,
    key: Path<String>,
    request: Json<GrantRequest>,
) -> impl Responder {
    match network.keyset(&key) {
        Some(keyset) => {
            let request = request.into_inner();
            keyset.grant(&request.auth, request.grant);
            HttpResponse::NoContent().finish()
        }
        None => unknown(),
    }
}

async fn revoke(network: Data<PubNub>, path: Path<(String, String)>) -> impl Responder {
    let (key, auth) = path.into_inner();
    match network.keyset(&key) {
        Some(keyset) if keyset.revoke(&auth) => HttpResponse::NoContent().finish(),
        _ => unknown(),
    }
}

async fn cut(network: Data<PubNub>) -> impl Responder {
    network.cut_all_polls();
    HttpResponse::NoContent().finish()
}

fn unknown() -> HttpResponse {
    HttpResponse::NotFound().json(json!({ "error": "no such keyset or grant" }))
}
