//! `GET /ledger/{service}?after=N&limit=M`, `GET /ledger/{service}/summary`, `DELETE /ledger`.

use actix_web::web::{self, Data, Path, Query, ServiceConfig, resource};
use actix_web::{HttpResponse, Responder};
use serde::Deserialize;

use crate::Core;
use crate::ledger::Service;

pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(resource("/ledger").route(web::delete().to(clear)))
        .service(resource("/ledger/{service}").route(web::get().to(rows)))
        .service(resource("/ledger/{service}/summary").route(web::get().to(summary)));
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: u64,
    #[serde(default = "default_limit")]
    limit: usize,
}

fn default_limit() -> usize {
    1000
}

async fn rows(core: Data<Core>, service: Path<Service>, page: Query<Page>) -> impl Responder {
    HttpResponse::Ok().json(core.ledger.rows(*service, page.after, page.limit))
}

async fn summary(core: Data<Core>, service: Path<Service>) -> impl Responder {
    HttpResponse::Ok().json(core.ledger.summary(*service))
}

async fn clear(core: Data<Core>) -> impl Responder {
    core.ledger.clear();
    HttpResponse::NoContent().finish()
}
