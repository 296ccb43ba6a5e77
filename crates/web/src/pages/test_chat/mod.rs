//! The built-in test chat: a member plays the contact and sees a real handoff, before any
//! platform is connected.

mod get;
mod line;
mod live;
mod post;
pub(crate) mod view;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;

use actix_web::web;

/// `/test-chat…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/test-chat", web::get().to(get::show))
        .route("/test-chat", web::post().to(post::say))
        .route("/test-chat/end", web::post().to(post::end))
        .route("/test-chat/live", web::get().to(live::listen));
}
