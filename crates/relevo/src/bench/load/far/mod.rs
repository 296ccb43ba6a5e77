//! The other side, in a process of its own: a desk, a line and a stream that answer as the real ones
//! do and keep nothing but what arrived. The sandbox is the place for fidelity; here every
//! microsecond would be counted against Relevo's share of the machine.

mod control;
mod desk;
mod line;
mod stream;

pub(super) use control::{Down, Noted, Orders};

use super::now_us;
use super::verdict::Notes;
use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Mutex, MutexGuard, PoisonError};
use stream::Streams;
pub(super) use stream::key as subscribe_key;

/// The agent who answers at every desk.
const AGENT: i64 = 9001;
/// The agent as whom Relevo listens.
pub(super) const OWN_AGENT: i64 = 1;

/// Everything the other side knows.
#[derive(Default)]
struct Far {
    /// Conversations at the desks, each with its organization.
    talks: Mutex<BTreeMap<i64, i64>>,
    /// What contacts said and a desk got.
    at_desk: Mutex<Notes>,
    /// What agents said.
    said: Mutex<Notes>,
    /// What agents said and a line got.
    at_line: Mutex<Notes>,
    streams: Streams,
    /// Desks answer 503.
    down: AtomicBool,
    last_id: AtomicI64,
}

impl Far {
    fn id(&self) -> i64 {
        self.last_id
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            + 1
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers until the process is killed.
///
/// # Errors
/// It cannot listen.
pub async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    let far = Data::new(Far::default());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(far.clone())
            .app_data(PayloadConfig::new(8 * 1024 * 1024))
            .configure(routes)
    });
    // One thread: the rest of the machine is for what is measured.
    server
        .workers(1)
        .max_connections(60_000)
        .keep_alive(std::time::Duration::from_secs(600))
        .client_request_timeout(std::time::Duration::ZERO)
        .listen(listener)?
        .run()
        .await?;
    Ok(())
}

fn routes(all: &mut ServiceConfig) {
    all.service(
        web::scope("/desk/api/v1")
            .route("/integration/auth/token", web::post().to(desk::client))
            .route("/conversations", web::post().to(desk::open))
            .route("/conversations/{id}", web::put().to(desk::taken))
            .route("/conversations/{id}/metadata", web::put().to(desk::taken))
            .route("/messages", web::post().to(desk::message))
            .route("/messages", web::get().to(desk::listing)),
    )
    .route(
        "/v2/subscribe/{key}/{channels}/0",
        web::get().to(stream::poll),
    )
    .service(
        web::scope("/bench")
            .route("/notes", web::get().to(control::notes))
            .route("/agents", web::post().to(control::agents))
            .route("/down", web::post().to(control::down))
            .route("/clear", web::post().to(control::clear)),
    )
    .route("/bot", web::post().to(line::bot))
    .route(
        "/{version}/{number}/messages",
        web::post().to(line::message),
    );
}
