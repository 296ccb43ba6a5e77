//! The control server: accounts, the fault plan, the ledger, and the pages for people.
//!
//! | request | does |
//! |---|---|
//! | `GET /urls` | the origins of all listeners |
//! | `GET /accounts` | every account of every service |
//! | `POST /accounts/letstalk` | an organization, from an [`AccountRequest`](crate::letstalk::AccountRequest) |
//! | `GET`, `PATCH /accounts/letstalk/{org}` | shows it; changes [settings](crate::letstalk::OrgSettings) |
//! | `POST /accounts/letstalk/{org}/agents` | adds an agent |
//! | `POST /accounts/letstalk/{org}/revoke` | takes keys away: `{person_id}`, `{email}`, or `{}` for all clients |
//! | `DELETE /letstalk/conversations/{id}` | removes a conversation |
//! | `POST /letstalk/conversations/{id}/client-message` | `{text}`: the client writes in the platform's widget |
//! | `POST /letstalk/conversations/{id}/repeat` | `{message_id}`: its event comes again |
//! | `POST /letstalk/conversations/{id}/raw-event` | `{namespace, data}`: any event |
//! | `POST`, `GET /pubnub/keysets`, `PATCH /pubnub/keysets/{sub}` | keysets and their [settings](crate::pubnub::Settings) |
//! | `POST /pubnub/keysets/{sub}/grants`, `DELETE …/grants/{auth}` | Access Manager |
//! | `POST /pubnub/cut` | cuts every open poll |
//! | `POST`, `GET`, `DELETE /faults`, `DELETE /faults/{id}` | the [fault plan](crate::fault) |
//! | `GET /ledger/{service}?after=&limit=`, `GET /ledger/{service}/summary`, `DELETE /ledger` | the [ledger](crate::ledger) |
//! | `GET /agent`, `/agent/api/…` | the agent page |
//!
//! The channels and the phone page add their own; see `graph`, `telegram`, `phone` and `bot`.

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
