//! `POST|GET /faults`, `DELETE /faults[/{id}]`.

use actix_web::web::{Data, Json, Path, ServiceConfig, resource};
use actix_web::{HttpResponse, Responder, web};

use crate::Core;
use crate::fault::FaultRule;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        resource("/faults")
            .route(web::post().to(add))
            .route(web::get().to(list))
            .route(web::delete().to(clear)),
    )
    .service(resource("/faults/{id}").route(web::delete().to(remove)));
}

async fn add(core: Data<Core>, rule: Json<FaultRule>) -> impl Responder {
    let id = core.faults.add(rule.into_inner());
    HttpResponse::Created().json(serde_json::json!({ "id": id }))
}

async fn list(core: Data<Core>) -> impl Responder {
    HttpResponse::Ok().json(core.faults.list())
}

async fn clear(core: Data<Core>) -> impl Responder {
    core.faults.clear();
    HttpResponse::NoContent().finish()
}

async fn remove(core: Data<Core>, id: Path<u64>) -> impl Responder {
    if core.faults.remove(id.into_inner()) {
        HttpResponse::NoContent().finish()
    } else {
        HttpResponse::NotFound().json(serde_json::json!({ "error": "no such fault" }))
    }
}
