//! The agent page: be the person who answers in Let's Talk.
//!
//! `assets` serves the page, `view` tells what it shows, `actions` carries out what the agent does.

mod actions;
mod assets;
mod view;

use actix_web::web::{self, ServiceConfig, resource, scope};

/// Largest file that the page may attach.
const MAX_FILE: usize = 100 << 20;

/// `/agent`, its files, and its API under `/agent/api`.
pub fn console(cfg: &mut ServiceConfig) {
    let thread = "/conversations/{id}";
    cfg.service(
        scope("/agent/api")
            .app_data(web::PayloadConfig::new(MAX_FILE))
            .service(resource("/accounts").route(web::get().to(view::accounts)))
            .service(resource("/changes").route(web::get().to(view::changes)))
            .service(resource("/conversations").route(web::get().to(view::conversations)))
            .service(resource(thread).route(web::get().to(view::thread)))
            .service(resource(format!("{thread}/join")).route(web::post().to(actions::join)))
            .service(resource(format!("{thread}/messages")).route(web::post().to(actions::say)))
            .service(resource(format!("{thread}/notes")).route(web::post().to(actions::note)))
            .service(
                resource(format!("{thread}/attachments")).route(web::post().to(actions::attach)),
            )
            .service(resource(format!("{thread}/actions")).route(web::post().to(actions::offer)))
            .service(
                resource(format!("{thread}/transfer")).route(web::post().to(actions::transfer)),
            )
            .service(resource(format!("{thread}/typing")).route(web::post().to(actions::typing)))
            .service(resource(format!("{thread}/read")).route(web::post().to(actions::read)))
            .service(resource(format!("{thread}/close")).route(web::post().to(actions::close))),
    )
    .service(resource("/agent").route(web::get().to(assets::page)))
    .service(resource("/agent/{file}").route(web::get().to(assets::file)));
}
