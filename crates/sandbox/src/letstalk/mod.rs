//! LetsTalk.

use std::sync::Arc;

use actix_web::web::ServiceConfig;

use crate::Core;

/// LetsTalk.
#[derive(Debug, Default)]
pub struct LetsTalk;

impl LetsTalk {
    /// An empty simulator.
    #[must_use]
    pub fn new(_core: Core, _pubnub: Arc<crate::pubnub::PubNub>) -> Arc<Self> {
        Arc::default()
    }

    /// Its accounts, for `GET /accounts`.
    #[must_use]
    pub fn accounts(&self) -> Vec<serde_json::Value> {
        Vec::new()
    }
}

/// The routes of its own listener.
pub fn service(_cfg: &mut ServiceConfig) {}

/// Its routes on the console.
pub fn console(_cfg: &mut ServiceConfig) {}
