//! Conversations: the list, the viewer, and what a member can do in one.

mod get;
mod post;
pub(crate) mod thread;
pub(crate) mod view;

use crate::live;
use actix_web::web;

/// `/conversations…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/conversations", web::get().to(get::list))
        .route("/conversations/{id}", web::get().to(get::show))
        .route(
            "/conversations/{id}/live",
            web::get().to(live::conversation::listen),
        )
        .route(
            "/conversations/{id}/hand-off",
            web::post().to(post::hand_off),
        )
        .route("/conversations/{id}/end", web::post().to(post::end))
        .route("/conversations/{id}/retry", web::post().to(post::retry))
        .route("/conversations/{id}/discard", web::post().to(post::discard));
}
