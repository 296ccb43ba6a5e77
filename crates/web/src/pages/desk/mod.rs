//! The Let's Talk connection: its form, trying it, disconnecting it.

mod form;
mod get;
mod post;
pub(crate) mod view;

use actix_web::web;

/// `/desk…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/desk", web::get().to(get::show))
        .route("/desk", web::post().to(post::save))
        .route("/desk/probe", web::post().to(post::probe))
        .route("/desk/disconnect", web::get().to(post::ask))
        .route("/desk/disconnect", web::post().to(post::disconnect));
}
