//! What becomes of a company's data: how long it is kept, taking it along, erasing a person,
//! deleting everything.

mod erase;
mod export;
mod get;
mod leave;
mod retention;
pub(crate) mod view;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;

use actix_web::web;

/// `/settings/data…` and `/conversations/{id}/erase`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/settings/data", web::get().to(get::show))
        .route("/settings/data/retention", web::post().to(retention::save))
        .route("/settings/data/export", web::post().to(export::download))
        .route("/settings/data/leave", web::get().to(leave::ask))
        .route("/settings/data/leave", web::post().to(leave::go))
        .route("/settings/data/stay", web::post().to(leave::stay))
        .route("/conversations/{id}/erase", web::get().to(erase::ask))
        .route("/conversations/{id}/erase", web::post().to(erase::go));
}
