//! Whether the process lives, whether it can work, and its figures.

use actix_web::{App, HttpResponse, HttpServer, web};
use adapters::store::Store;
use domain::ports::Queue;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is looked at; one `web::Data`.
pub struct Health {
    /// The database.
    pub store: Store,
    /// The queue.
    pub queue: Arc<dyn Queue>,
    /// The figures in Prometheus' text format.
    pub figures: Arc<dyn Fn() -> String + Send + Sync>,
}

/// Serves nothing but these, for a process without pages, until `cancel` fires.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve_alone(
    health: Health,
    listener: TcpListener,
    cancel: CancellationToken,
) -> std::io::Result<()> {
    let health = web::Data::new(health);
    let server = HttpServer::new(move || App::new().app_data(health.clone()).configure(routes))
        .workers(1)
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    cancel.cancelled().await;
    handle.stop(true).await;
    running.await.map_err(std::io::Error::other)?
}

/// `/healthz`, `/readyz`, `/metrics`; needs one `web::Data<Health>`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/healthz")
                .route(web::get().to(alive))
                .route(web::head().to(alive)),
        )
        .service(
            web::resource("/readyz")
                .route(web::get().to(ready))
                .route(web::head().to(ready)),
        )
        .route("/metrics", web::get().to(figures));
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// One line per dependency; 503 when one is missing. Says no more than which.
async fn ready(health: web::Data<Health>) -> HttpResponse {
    let within = |works| async move { matches!(works, Ok(true)) };
    let database = tokio::time::timeout(PATIENCE, async { health.store.ping().await.is_ok() });
    let queue = tokio::time::timeout(PATIENCE, async { health.queue.ping().await.is_ok() });
    let migrations = tokio::time::timeout(PATIENCE, async {
        matches!(health.store.schema().await, Ok(schema) if schema.fits().is_ok())
    });
    let (database, queue, migrations) = tokio::join!(database, queue, migrations);
    let found = [
        ("database", within(database).await),
        ("queue", within(queue).await),
        ("migrations", within(migrations).await),
    ];
    for (part, works) in found {
        metrics::gauge!("relevo_ready", "part" => part).set(f64::from(u8::from(works)));
    }
    let lines: String = found
        .iter()
        .map(|(name, works)| format!("{name} {}\n", if *works { "ok" } else { "missing" }))
        .collect();
    let mut answer = if found.iter().all(|(_, works)| *works) {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer.content_type("text/plain").body(lines)
}

async fn figures(health: web::Data<Health>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body((health.figures)())
}
