//! Logging in and out.

mod get;
mod post;
pub(crate) mod view;

use actix_web::web;

/// `/login`, `/logout`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/login", web::get().to(get::show))
        .route("/login", web::post().to(post::log_in))
        .route("/logout", web::post().to(post::log_out));
}

pub(crate) use post::begin;
