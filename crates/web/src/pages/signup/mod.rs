//! A company signs up.

mod get;
mod post;
pub(crate) mod view;

use actix_web::web;

/// `/signup`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/signup", web::get().to(get::show))
        .route("/signup", web::post().to(post::sign_up));
}
