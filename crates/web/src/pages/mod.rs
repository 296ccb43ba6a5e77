//! The screens. One folder each: `get` reads, `post` changes, `view` is what the template shows.

pub mod account;
pub mod audit;
pub mod channels;
pub mod confirm;
pub mod conversations;
pub mod dashboard;
pub mod data;
pub mod desk;
pub mod doctor;
pub mod error;
pub mod figures;
pub mod files;
pub mod handoffs;
pub mod history;
pub mod home;
pub mod host;
#[cfg(any(test, feature = "fuzzing"))]
pub mod hostile;
mod limits;
pub mod login;
pub mod outbox;
pub mod parts;
pub mod preferences;
pub mod preview;
pub mod reset;
pub mod rules;
pub mod settings;
pub mod shell;
pub mod signup;
pub mod team;
pub mod test_chat;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod samples;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use error::PageError;

/// What every handler of a page answers.
pub type Page = Result<HttpResponse, PageError>;

/// A template as an answer that nobody keeps.
pub fn html(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(body) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(body),
        Err(error) => {
            tracing::error!(%error, "template failed");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Addresses of all screens.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(login::routes)
        .configure(signup::routes)
        .configure(confirm::routes)
        .configure(reset::routes)
        .configure(account::routes)
        .configure(outbox::routes)
        .configure(preferences::routes)
        .configure(home::routes)
        .configure(channels::routes)
        .configure(desk::routes)
        .configure(doctor::routes)
        .configure(test_chat::routes)
        .configure(rules::routes)
        .configure(settings::routes)
        .configure(audit::routes)
        .configure(team::routes)
        .configure(data::routes)
        .configure(host::routes)
        .configure(conversations::routes)
        .configure(handoffs::routes)
        .configure(dashboard::routes)
        .configure(files::routes)
        .configure(history::routes);
}
