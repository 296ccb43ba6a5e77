//! Settings: texts and waits, business hours, what developers need.

pub(crate) mod close_policy;
pub(crate) mod conflict;
mod developers;
pub(crate) mod holidays;
pub(crate) mod hours;
pub(crate) mod hours_form;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod text_fields;
pub(crate) mod texts;
pub(crate) mod view;

use actix_web::web;

/// `/settings…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/settings", web::get().to(texts::show))
        .route("/settings", web::post().to(texts::save))
        .route("/settings/hours", web::get().to(hours::show))
        .route("/settings/hours", web::post().to(hours::save))
        .route("/settings/developers", web::get().to(developers::show))
        .route(
            "/settings/developers",
            web::post().to(developers::save_events),
        )
        .route("/settings/keys", web::post().to(developers::create))
        .route(
            "/settings/keys/{id}/revoke",
            web::get().to(developers::ask_revoke),
        )
        .route(
            "/settings/keys/{id}/revoke",
            web::post().to(developers::revoke),
        );
}
