//! The screens of the company that hosts Relevo: its tenants, what they use, how they do.

mod get;
mod post;
pub(crate) mod view;
mod viewing;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;

use actix_web::web;

/// `/operator…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/operator", web::get().to(get::list))
        .route("/operator/leave", web::post().to(viewing::leave))
        .route("/operator/tenants/{id}", web::get().to(get::show))
        .route(
            "/operator/tenants/{id}/limits",
            web::post().to(post::limits),
        )
        .route(
            "/operator/tenants/{id}/suspend",
            web::post().to(post::suspend),
        )
        .route(
            "/operator/tenants/{id}/resume",
            web::post().to(post::resume),
        )
        .route(
            "/operator/tenants/{id}/enter",
            web::post().to(viewing::enter),
        );
}
