//! Conversations: the list, the viewer, the way of a message, and what a member can do.

pub(crate) mod asked;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod list_view;
mod post;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;
pub(crate) mod thread;
mod trace;
pub(crate) mod trace_view;
pub(crate) mod view;

use crate::live;
use actix_web::web;

/// Whether more rows came than a page shows.
pub(crate) fn full(rows: usize, page: u64) -> bool {
    u64::try_from(rows).is_ok_and(|rows| rows > page)
}

/// `/conversations…`.
pub fn routes(config: &mut web::ServiceConfig) {
    let to = |path: &str| format!("/conversations/{{id}}{path}");
    config
        .route("/conversations", web::get().to(list::list))
        .route(
            "/conversations/live",
            web::get().to(live::conversations::listen),
        )
        .route(&to(""), web::get().to(get::show))
        .route(&to("/messages"), web::get().to(get::older))
        .route(&to("/messages/{message}/trace"), web::get().to(trace::show))
        .route(&to("/live"), web::get().to(live::conversation::listen))
        .route(&to("/hand-off"), web::post().to(post::hand_off))
        .route(&to("/end"), web::post().to(post::end))
        .route(&to("/close"), web::post().to(post::close))
        .route(&to("/retry"), web::post().to(post::retry))
        .route(&to("/discard"), web::post().to(post::discard))
        .route(&to("/retry-all"), web::post().to(post::retry_all))
        .route(&to("/discard-all"), web::post().to(post::discard_all))
        .route(&to("/tags"), web::post().to(post::tag))
        .route(&to("/tags/remove"), web::post().to(post::untag))
        .route(&to("/notes"), web::post().to(post::note));
}
