//! Handoffs: the history, its exports, and one episode to read or print.

mod export;
pub(crate) mod filter;
mod get;
#[cfg(test)]
pub(crate) mod samples;
mod transcript;
pub(crate) mod view;

pub(crate) use get::today;

use actix_web::web;

/// `/handoffs…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/handoffs", web::get().to(get::list))
        .route("/handoffs/export.csv", web::get().to(export::csv))
        .route("/handoffs/export.jsonl", web::get().to(export::jsonl))
        .route("/handoffs/{id}", web::get().to(transcript::show));
}
