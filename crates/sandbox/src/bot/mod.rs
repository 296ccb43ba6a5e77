//! The example bot.

use std::sync::Arc;

use actix_web::web::ServiceConfig;

use crate::Core;

/// The example bot.
#[derive(Debug, Default)]
pub struct Bot;

impl Bot {
    /// An empty simulator.
    #[must_use]
    pub fn new(_core: Core) -> Arc<Self> {
        Arc::default()
    }
}

/// The routes of its own listener.
pub fn service(_cfg: &mut ServiceConfig) {}

/// Its routes on the console.
pub fn console(_cfg: &mut ServiceConfig) {}
