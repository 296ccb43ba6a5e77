//! A forgotten password.

mod forgot;
mod set;
pub(crate) mod view;

use crate::pages::parts::back_to;
use actix_web::web;

/// `/forgot`, `/reset…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/forgot", web::get().to(forgot::show))
        .route("/forgot", web::post().to(forgot::send))
        .route("/reset/{token}", web::get().to(set::show))
        .route("/reset", back_to("/forgot"))
        .route("/reset", web::post().to(set::save));
}
