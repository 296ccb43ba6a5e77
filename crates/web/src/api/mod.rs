//! The bot's REST API, `docs/api.md`.
//!
//! ```text
//! key? ─401   too often? ─429   idempotency key, body ─4xx ▸ seen before? ─▶ the first answer
//!                                                            └─▶ work through ingest ─▶ answer kept
//! ```

pub mod auth;
mod contacts;
mod conversations;
mod files;
mod handoffs;
#[cfg(any(test, feature = "fuzzing"))]
pub mod hostile;
mod idempotent;
pub mod limit;
mod messages;
mod problem;
mod said;
mod whom;

use actix_web::web;

/// The routes; needs a `web::Data<EdgeState>`.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/api/v1")
            .service(web::resource("/handoffs").route(web::post().to(handoffs::create)))
            .service(web::resource("/handoffs/{id}").route(web::get().to(handoffs::show)))
            .service(web::resource("/handoffs/{id}/end").route(web::post().to(handoffs::end)))
            .service(web::resource("/control").route(web::get().to(conversations::control)))
            .service(web::resource("/conversations/{id}").route(web::get().to(conversations::show)))
            .service(
                web::resource("/conversations/{id}/messages")
                    .route(web::get().to(conversations::messages)),
            )
            .service(web::resource("/messages").route(web::post().to(messages::create)))
            .service(web::resource("/contacts").route(web::post().to(contacts::create)))
            .service(web::resource("/files/{id}").route(web::get().to(files::show)))
            .default_service(web::to(|| async {
                use actix_web::ResponseError;
                problem::Problem::NotFound.error_response()
            })),
    );
}
