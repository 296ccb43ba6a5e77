//! The members of a company: who they are, who is invited, who joins.

mod get;
mod invite;
mod join;
mod members;
pub(crate) mod view;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;

use actix_web::web;

/// `/settings/team…` and `/join/…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/settings/team", web::get().to(get::list))
        .route("/settings/team/invite", web::post().to(invite::send))
        .route(
            "/settings/team/invitations/{id}/withdraw",
            web::post().to(invite::withdraw),
        )
        .route("/settings/team/{id}/role", web::post().to(members::role))
        .route(
            "/settings/team/{id}/remove",
            web::get().to(members::ask_remove),
        )
        .route(
            "/settings/team/{id}/remove",
            web::post().to(members::remove),
        )
        .route("/join/{token}", web::get().to(join::show))
        .route("/join/{token}", web::post().to(join::join));
}
