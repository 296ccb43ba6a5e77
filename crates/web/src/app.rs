//! The route table, the middleware around it, and the server's life.

use crate::edges::{self, EdgeState};
use crate::health::{self, Health};
use crate::security::headers;
use crate::state::AppState;
use crate::{assets, pages, unread};
use actix_session::SessionMiddleware;
use actix_session::config::{CookieContentSecurity, PersistentSession, TtlExtensionPolicy};
use actix_web::cookie::{Key, SameSite, time::Duration};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, HttpMessage, HttpServer, body::MessageBody, web};
use std::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "relevo";

/// A form of ours is never larger than this.
const FORM_BYTES: usize = 256 * 1024;

/// Seconds in which running requests may end after a stop.
const GRACE_SECONDS: u64 = 20;

/// Serves until `cancel` fires, then lets running requests end.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    state: web::Data<AppState>,
    edges: web::Data<EdgeState>,
    listener: TcpListener,
    cancel: CancellationToken,
) -> std::io::Result<()> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let ending = web::Data::new(cancel.clone());
    let health = web::Data::new(Health {
        store: state.store.clone(),
        queue: state.queue.clone(),
        figures: state.figures.clone(),
    });
    let server = HttpServer::new(move || {
        let state = state.clone();
        let edges = edges.clone();
        let https = state.is_https();
        App::new()
            .app_data(state.clone())
            .app_data(edges)
            .app_data(health.clone())
            .app_data(ending.clone())
            .configure(|config| routes(config, &state))
            .wrap(headers::default_headers(https))
            .wrap(Compress::default())
            .wrap(TracingLogger::<PatternSpan>::new())
            .wrap(from_fn(unread::cut))
    })
    .workers(workers)
    // Otherwise the end of a page, or an event of a live one, waits up to 40 ms for the browser to
    // confirm what came before.
    .tcp_nodelay(true)
    .shutdown_timeout(GRACE_SECONDS)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    cancel.cancelled().await;
    handle.stop(true).await;
    running.await.map_err(std::io::Error::other)?
}

/// Every address. What machines call comes first and knows no browser session; the pages are the
/// last scope, which also answers for addresses that nobody knows.
fn routes(config: &mut web::ServiceConfig, state: &AppState) {
    config
        .configure(health::routes)
        .configure(edges::configure)
        .route("/static/{path:.*}", web::get().to(assets::serve))
        .service(
            web::scope("")
                .app_data(web::PayloadConfig::new(FORM_BYTES))
                .configure(pages::routes)
                .default_service(web::to(pages::error::not_found))
                .wrap(from_fn(pages::error::write))
                .wrap(sessions(state)),
        );
}

/// 14 days after the last day of use a browser session ends. The cookie holds 256 random bits and
/// nothing else, so the signature that the library insists on protects nothing and its key is no
/// secret.
fn sessions(state: &AppState) -> SessionMiddleware<crate::security::session_store::SessionBackend> {
    let lasting = PersistentSession::default()
        .session_ttl(Duration::days(14))
        .session_ttl_extension_policy(TtlExtensionPolicy::OnStateChanges);
    SessionMiddleware::builder(state.sessions.clone(), Key::from(&[0; 64]))
        .cookie_content_security(CookieContentSecurity::Signed)
        .cookie_name(SESSION_COOKIE.to_owned())
        .cookie_secure(state.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(lasting)
        .build()
}

/// A span per request that names the matched pattern, never the path: paths of the send proxy hold
/// bot tokens, paths of the history page hold signatures.
pub struct PatternSpan;

impl RootSpanBuilder for PatternSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().copied();
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        let pattern = request.match_pattern();
        tracing::info_span!(
            "request",
            request_id = %id,
            method = %request.method(),
            route = pattern.as_deref().unwrap_or("unknown"),
            status = tracing::field::Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        let _entered = span.enter();
        tracing::debug!("answered");
    }
}
