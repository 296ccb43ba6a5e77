//! The control server: accounts, the fault plan, the ledger, and the pages for people.

mod faults;
mod ledger;

use actix_web::web::{Data, ServiceConfig, get};
use actix_web::{HttpResponse, Responder};

use crate::Core;
use crate::services::Services;

/// The routes of the console listener.
pub fn service(cfg: &mut ServiceConfig) {
    cfg.route("/", get().to(home))
        .route("/urls", get().to(urls))
        .route("/accounts", get().to(accounts))
        .configure(faults::routes)
        .configure(ledger::routes)
        .configure(crate::pubnub::console)
        .configure(crate::letstalk::console)
        .configure(crate::agent::console)
        .configure(crate::graph::console)
        .configure(crate::telegram::console)
        .configure(crate::phone::console)
        .configure(crate::bot::console);
}

async fn home() -> impl Responder {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(include_str!("../../pages/home.html"))
}

async fn urls(core: Data<Core>) -> impl Responder {
    HttpResponse::Ok().json(core.urls.as_ref())
}

async fn accounts(services: Data<Services>) -> impl Responder {
    HttpResponse::Ok().json(services.accounts())
}
