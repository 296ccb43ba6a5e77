//! Channels: the list, connecting one, its page, disconnecting it.

mod connect;
pub(crate) mod credentials;
mod disconnect;
mod get;
mod post;
pub(crate) mod view;
mod webhook;

use actix_web::web;

pub(crate) use get::{bare, opened};

/// `/channels…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/channels", web::get().to(get::list))
        .route("/channels/new", web::get().to(get::pick))
        .route("/channels/new/{kind}", web::get().to(connect::form))
        .route("/channels/new/{kind}", web::post().to(connect::save))
        .route("/channels/{id}", web::get().to(get::show))
        .route("/channels/{id}", web::post().to(post::save))
        .route("/channels/{id}/credentials", web::get().to(connect::change))
        .route(
            "/channels/{id}/credentials",
            web::post().to(connect::replace),
        )
        .route("/channels/{id}/webhook", web::post().to(webhook::set))
        .route("/channels/{id}/disconnect", web::get().to(disconnect::ask))
        .route("/channels/{id}/disconnect", web::post().to(disconnect::go));
}
