//! Home: what runs now, and the way to the first handoff.

mod get;
pub(crate) mod view;

use actix_web::web;

/// `/`.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(get::show));
}
