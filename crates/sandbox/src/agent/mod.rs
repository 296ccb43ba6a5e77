//! The agent page.

use actix_web::web::ServiceConfig;

/// Its routes on the console.
pub fn console(_cfg: &mut ServiceConfig) {}
