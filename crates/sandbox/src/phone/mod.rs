//! The phone: be the user on any channel, with a page for people and functions for tests.

use std::sync::Arc;

use actix_web::web::ServiceConfig;

use crate::Core;
use crate::graph::Graph;
use crate::telegram::Telegram;

pub mod ids;
pub mod kind;
pub mod locked;
pub mod shown;
pub mod threads;

/// The phone page: be the user on any channel.
#[derive(Debug, Default)]
pub struct Phone;

impl Phone {
    /// An empty simulator.
    #[must_use]
    pub fn new(_core: Core, _graph: Arc<Graph>, _telegram: Arc<Telegram>) -> Arc<Self> {
        Arc::default()
    }
}

/// Its routes on the console.
pub fn console(_cfg: &mut ServiceConfig) {}
