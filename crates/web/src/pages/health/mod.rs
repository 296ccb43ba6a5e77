//! Whether the process lives, whether it can work, and its figures.

use crate::state::AppState;
use actix_web::{HttpResponse, web};
use std::time::Duration;

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// `/healthz`, `/readyz`, `/metrics`.
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
async fn ready(app: web::Data<AppState>) -> HttpResponse {
    let within = |works| async move { matches!(works, Ok(true)) };
    let database = tokio::time::timeout(PATIENCE, async { app.store.ping().await.is_ok() });
    let queue = tokio::time::timeout(PATIENCE, async { app.queue.ping().await.is_ok() });
    let migrations = tokio::time::timeout(PATIENCE, async {
        matches!(app.store.pending_migrations().await, Ok(0))
    });
    let (database, queue, migrations) = tokio::join!(database, queue, migrations);
    let found = [
        ("database", within(database).await),
        ("queue", within(queue).await),
        ("migrations", within(migrations).await),
    ];
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

async fn figures(app: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body((app.figures)())
}
