//! Rules: the list, the editor, trying them on a typed message and on the past, their versions.

pub(crate) mod backtest;
mod conflict;
mod draft;
mod edit;
mod get;
mod node;
mod post;
mod presets;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod say;
mod tree;
pub(crate) mod trial;
mod versions;
pub(crate) mod view;

use actix_web::web;

/// `/rules…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/rules", web::get().to(get::list))
        .route("/rules/order", web::post().to(post::order))
        .route("/rules/backtest", web::get().to(backtest::show))
        .route("/rules/backtest", web::post().to(backtest::run))
        .route("/rules/versions", web::get().to(versions::list))
        .route("/rules/versions/{number}", web::get().to(versions::show))
        .route(
            "/rules/versions/{number}/restore",
            web::post().to(versions::restore),
        )
        .route("/rules/try", web::post().to(post::try_out))
        .route("/rules/new", web::get().to(edit::new))
        .route("/rules/new", web::post().to(edit::create))
        .route("/rules/{id}", web::get().to(edit::show))
        .route("/rules/{id}", web::post().to(edit::save))
        .route("/rules/{id}/toggle", web::post().to(post::toggle))
        .route("/rules/{id}/move", web::post().to(post::shift))
        .route("/rules/{id}/delete", web::get().to(get::ask_delete))
        .route("/rules/{id}/delete", web::post().to(post::delete));
}
