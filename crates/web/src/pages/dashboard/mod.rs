//! The dashboard: figures of a span of days beside those of the span before, charts, and how well
//! messages travel.

pub(crate) mod charts;
mod get;
mod live;
mod operations;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod tiles;
pub(crate) mod view;

use actix_web::web;

/// `/dashboard…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/dashboard", web::get().to(get::show))
        .route("/dashboard/live", web::get().to(live::show))
        .route("/dashboard/operations", web::get().to(operations::show));
}
