//! The log: who changed what, when, from where.

mod get;
pub(crate) mod view;
pub(crate) mod words;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;

use actix_web::web;

/// `/settings/audit`.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/settings/audit", web::get().to(get::list));
}
