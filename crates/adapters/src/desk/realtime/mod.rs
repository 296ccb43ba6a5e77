//! What Let's Talk tells by itself, over PubNub.
//!
//! [`stream`] is the subscription, [`transport`] carries one poll of it, [`wire`] speaks HTTP, [`sanitize`]
//! reads the answer.
//! The `pubnub` crate drives the polling through its raw subscription, one client for all tenants: its
//! event engine loses messages under load, and its default transport writes keys into logs and cannot
//! share a client.

mod sanitize;
mod stream;
mod transport;
mod wire;

pub use stream::Realtime;

/// PubNub's own origin.
pub const DEFAULT_ORIGIN: &str = "https://ps.pndsn.com";

/// An answer to a poll, for [`crate::hostile`].
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read(body: &[u8], own_user: i64) -> Option<domain::ports::Batch> {
    Some(sanitize::answer(body)?.into_batch(own_user))
}
