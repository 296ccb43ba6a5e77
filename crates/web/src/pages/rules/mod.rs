//! Rules: the list, the editor, trying them on a typed message.

mod draft;
mod edit;
mod get;
mod node;
mod post;
mod tree;
pub(crate) mod trial;
pub(crate) mod view;

use actix_web::web;

/// `/rules…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/rules", web::get().to(get::list))
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

pub(crate) use draft::{action_fields, read_action};
pub(crate) use node::node_view;
