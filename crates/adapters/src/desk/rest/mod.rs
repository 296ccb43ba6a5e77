//! Let's Talk's REST API (`/api/v1`): one call per file of meaning, one client for all tenants.

mod api;
mod call;
mod failure;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
mod hostile;
mod listing;
mod media;

pub use files::accepted_mime;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use hostile::{read_listing, read_refusal, read_wait};

use crate::net::Guarded;
use domain::ports::Clock;
use std::sync::Arc;

/// Let's Talk over REST. Cheap to clone; holds no tenant: keys come with every call.
#[derive(Clone)]
pub struct LetsTalk {
    http: Guarded,
    clock: Arc<dyn Clock>,
}

impl LetsTalk {
    /// `http` is the guarded client: a tenant chooses the API's address, and agents' messages name
    /// the addresses of files. It follows no redirects, so no key is led elsewhere. The clock
    /// reads `Retry-After` dates.
    #[must_use]
    pub fn new(http: Guarded, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock }
    }
}
