//! Webhooks of the channels: `GET` and `POST /hooks/{kind}/{public key}`.
//!
//! ```text
//! key known? ─404   encoded? ─415   ≤ 4 MB? ─413   proven? ─401 ▸ decode ▸ ingest ─503
//!                                                                            └─▶ 200, empty
//! ```
//!
//! The 200 comes after the commit and has no body: Telegram would carry out one. A forged request
//! costs a look into the cache of lines and one hash, and nothing of it is stored; in the log it is
//! one line a minute.

mod handshake;
mod hush;
mod receive;

pub use hush::Hush;

use crate::edges::EdgeState;
use actix_web::{HttpResponse, web};
use domain::channel::Channel;

/// The routes; needs a `web::Data<EdgeState>`.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/hooks/{kind}/{key}")
            .route(web::get().to(handshake::answer))
            .route(web::post().to(receive::receive))
            .default_service(web::to(|| async {
                HttpResponse::MethodNotAllowed().finish()
            })),
    );
}

/// Counts what became of a request.
fn count(kind: &'static str, result: &'static str) {
    metrics::counter!("relevo_webhooks", "channel" => kind, "result" => result).increment(1);
}

/// Counts a request that was refused, and says so in the log, which strangers must not fill.
fn refused(state: &EdgeState, channel: &Channel, result: &'static str, why: &str) {
    count(channel.kind.name(), result);
    let Some(unsaid) = state.hush.may_say(channel.id, result, state.clock.now()) else {
        return;
    };
    tracing::warn!(channel = %channel.id, result, why, unsaid, "a webhook was refused");
}
