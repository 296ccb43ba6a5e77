//! The bot's REST API.

pub mod limit;

/// The routes; needs a `web::Data<EdgeState>`.
pub fn configure(_config: &mut actix_web::web::ServiceConfig) {}
