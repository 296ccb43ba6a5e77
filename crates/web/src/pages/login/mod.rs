//! Logging in, with the second factor where a member has one, and out.

mod code;
mod get;
mod post;
mod start;
pub(crate) mod view;

use actix_web::web;

/// `/login`, `/login/code`, `/logout`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/login", web::get().to(get::show))
        .route("/login", web::post().to(post::log_in))
        .route("/login/code", web::get().to(code::show))
        .route("/login/code", web::post().to(code::check))
        .route("/logout", web::post().to(post::log_out));
}

pub(crate) use start::begin;
