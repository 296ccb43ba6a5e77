//! Let's Talk's REST API (`/api/v1`): one call per file of meaning, one client for all tenants.

mod api;
mod call;
mod failure;
mod files;
mod listing;
mod media;

pub use files::accepted_mime;

use domain::ports::Clock;
use std::sync::Arc;

/// Let's Talk over REST. Cheap to clone; holds no tenant: keys come with every call.
#[derive(Clone)]
pub struct LetsTalk {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl LetsTalk {
    /// `http` is the guarded client of the process, built not to follow redirects: a tenant
    /// chooses the address, so a redirect must not lead elsewhere with a key in hand. The clock
    /// reads `Retry-After` dates.
    #[must_use]
    pub fn new(http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock }
    }
}
