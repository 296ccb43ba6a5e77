//! What Let's Talk tells by itself, over PubNub.
//!
//! [`transport`] carries one poll, [`sanitize`] reads its answer, [`stream`] is the subscription.
//! The `pubnub` crate drives the polling through its raw subscription, one client for all tenants: its
//! event engine loses messages under load, and its default transport writes keys into logs and cannot
//! share a client.

mod sanitize;
mod stream;
mod transport;

pub use stream::Realtime;

use std::time::Duration;

/// PubNub's own origin.
pub const DEFAULT_ORIGIN: &str = "https://ps.pndsn.com";

/// The one client of all subscriptions of a process. HTTP/1.1 only: over HTTP/2 all polls would
/// share one connection, and beyond its limit of streams tenants would silently wait for each
/// other.
///
/// # Errors
/// When the TLS backend cannot be set up.
pub fn shared_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .tcp_keepalive(Duration::from_secs(15))
        .pool_max_idle_per_host(64)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
}

/// An answer to a poll, for [`crate::hostile`].
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read(body: &[u8], own_user: i64) -> Option<domain::ports::Batch> {
    Some(sanitize::answer(body)?.into_batch(own_user))
}
