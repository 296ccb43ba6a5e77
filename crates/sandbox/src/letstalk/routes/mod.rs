//! The REST API, `/api/v1/…`, and the host of its media.

mod auth;
mod conversations;
mod media;
mod messages;
mod people;

use actix_web::web::{self, ServiceConfig, resource, scope};
use actix_web::{HttpResponse, ResponseError};

use super::errors::Refusal;

/// The routes of Let's Talk's listener.
pub fn service(cfg: &mut ServiceConfig) {
    cfg.service(
        scope("/api/v1")
            .app_data(
                web::JsonConfig::default()
                    .limit(16 << 20)
                    .error_handler(|error, _| Refusal::Malformed(error.to_string()).into()),
            )
            .app_data(
                web::QueryConfig::default()
                    .error_handler(|error, _| Refusal::Malformed(error.to_string()).into()),
            )
            .service(resource("/integration/auth/token").route(web::post().to(people::introduce)))
            .service(resource("/clients/{id}").route(web::get().to(people::client)))
            .service(resource("/conversations").route(web::post().to(conversations::open)))
            .service(resource("/conversations/{id}").route(web::put().to(conversations::close)))
            .service(
                resource("/conversations/{id}/conversation_groups")
                    .route(web::post().to(conversations::assign)),
            )
            .service(
                resource("/conversations/{id}/metadata")
                    .route(web::get().to(conversations::metadata))
                    .route(web::put().to(conversations::set_metadata))
                    .route(web::post().to(conversations::set_metadata)),
            )
            .service(
                resource("/messages")
                    .route(web::post().to(messages::create))
                    .route(web::get().to(messages::list)),
            ),
    )
    .service(resource("/media/{key}/{name}").route(web::get().to(media::fetch)))
    .default_service(web::to(nothing_here));
}

async fn nothing_here() -> HttpResponse {
    Refusal::NotFound.error_response()
}
