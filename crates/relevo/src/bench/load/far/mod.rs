//! The other side, in a process of its own: a desk, a line and a stream that answer as the real ones
//! do, refuse what those would refuse, and keep little but what arrived. The sandbox is the place for
//! fidelity; here every microsecond would be counted against Relevo's share of the machine.

mod agents;
mod control;
mod desk;
mod line;
mod pairs;
mod remote;
mod stream;
mod talks;
mod tls;

pub(super) use agents::Orders;
pub(super) use control::{Down, Noted};
pub(super) use remote::Remote;
pub(super) use stream::key as subscribe_key;

use super::now_us;
use super::verdict::Notes;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use pairs::Pairs;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use stream::Streams;
use talks::Talks;

/// The agent who answers at every desk.
const AGENT: i64 = 9001;
/// The agent as whom Relevo listens.
pub(super) const OWN_AGENT: i64 = 1;

/// With what the agent as whom Relevo listens is known at an organization's desk and to PubNub.
pub(super) fn agent_key(organization: i64) -> String {
    format!("agent-{organization}")
}

/// Everything the other side knows.
#[derive(Default)]
struct Far {
    talks: Mutex<Talks>,
    /// What contacts said and a desk got.
    at_desk: Mutex<Notes>,
    desk_pairs: Mutex<Pairs>,
    /// What agents said.
    said: Mutex<Notes>,
    /// What agents said and a line got.
    at_line: Mutex<Notes>,
    line_pairs: Mutex<Pairs>,
    /// How often a contact was told that their message was read.
    read_marks: AtomicU64,
    streams: Streams,
    /// Organizations whose desks are broken.
    down: Mutex<Down>,
    /// What contacts said comes back over the stream, as it does from Let's Talk.
    echoes: AtomicBool,
    /// What no platform would have taken, by its kind.
    refused: Mutex<BTreeMap<String, u64>>,
    last_id: AtomicI64,
}

impl Far {
    fn id(&self) -> i64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Refuses a request as a platform would, and keeps that it did: Relevo sends nothing like it.
    fn refuse(&self, status: StatusCode, why: &str) -> HttpResponse {
        *lock(&self.refused).entry(why.to_owned()).or_default() += 1;
        HttpResponse::build(status).json(serde_json::json!({ "error": { "message": why } }))
    }

    /// A body that has all that it must have.
    fn read<T: DeserializeOwned>(&self, body: &[u8], what: &str) -> Result<T, Box<HttpResponse>> {
        serde_json::from_slice(body).map_err(|error| {
            Box::new(self.refuse(StatusCode::BAD_REQUEST, &format!("{what}: {error}")))
        })
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers until the process is killed, or whoever started it is gone. `over_tls` is where it answers
/// over TLS besides, with the papers in a folder.
///
/// # Errors
/// It cannot listen.
pub async fn serve(
    listener: TcpListener,
    over_tls: Option<(SocketAddr, PathBuf)>,
) -> anyhow::Result<()> {
    let plain = listener.local_addr()?;
    let far = Data::new(Far::default());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(far.clone())
            .app_data(PayloadConfig::new(8 * 1024 * 1024))
            .configure(routes)
    });
    // One thread: the rest of the machine is for what is measured.
    let server = server
        .workers(1)
        .max_connections(60_000)
        .keep_alive(std::time::Duration::from_secs(600))
        .client_request_timeout(std::time::Duration::ZERO)
        .listen(listener)?
        .run();
    let parent = tokio::task::spawn_blocking(|| {
        // Nothing ever comes: it ends when the other end is closed.
        std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink())
    });
    let front = async {
        match &over_tls {
            Some((at, papers)) => tls::front(*at, papers, plain).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        served = server => served?,
        ended = front => ended?,
        gone = parent => { gone??; }
    }
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
    .route("/time/0", web::get().to(stream::time))
    .route(
        "/v2/subscribe/{key}/{channels}/0",
        web::get().to(stream::poll),
    )
    .service(
        web::scope("/bench")
            .route("/notes", web::get().to(control::notes))
            .route("/agents", web::post().to(agents::speak))
            .route("/down", web::post().to(control::down))
            .route("/echo", web::post().to(control::echo))
            .route("/clear", web::post().to(control::clear)),
    )
    .route("/bot", web::post().to(line::bot))
    .route(
        "/{version}/{number}/messages",
        web::post().to(line::message),
    )
    .default_service(web::to(stranger));
}

/// An address that no platform has.
async fn stranger(far: Data<Far>, request: actix_web::HttpRequest) -> HttpResponse {
    let what = format!("{} {}", request.method(), request.path());
    far.refuse(StatusCode::NOT_FOUND, &what)
}
