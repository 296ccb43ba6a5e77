//! The diagnosis of a connection: what its rows tell, and live checks that write to nobody.

mod channel;
mod desk;
mod live_channel;
mod live_desk;
mod report;
pub(crate) mod view;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;

use actix_web::web;

/// `/channels/{id}/doctor`, `/desk/doctor`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/channels/{id}/doctor", web::get().to(channel::show))
        .route("/channels/{id}/doctor", web::post().to(channel::run))
        .route("/desk/doctor", web::get().to(desk::show))
        .route("/desk/doctor", web::post().to(desk::run));
}
