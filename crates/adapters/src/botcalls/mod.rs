//! What a tenant's bot says, through the send proxy or in the answer to a webhook.
//!
//! ```text
//! request ─▶ params ─▶ telegram | graph: is it speech? to whom? what?
//!                          │
//!          Sends, Shows ───┴──▶ gate (ingest: may it? recorded) ─▶ platform, byte for byte ─▶ ids recorded
//!          Neutral ───────────────────────────────────────────────▶ platform, byte for byte
//! ```
//!
//! # Who wins a race
//!
//! The gate and the record are one transaction, in the order of the conversation. What the gate
//! let through goes out, even if a human takes control between the commit and the platform's
//! answer: it was said before. What comes after the change of control is refused, in the
//! platform's own words, and kept in the transcript as muted. Nothing goes out unrecorded.
//!
//! # Fail closed
//!
//! A call that may reach a contact and that we cannot read is refused, not passed.

mod answer;
mod gate;
mod graph;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod hostile;
mod lines;
mod multipart;
mod params;
mod platform;
mod request;
mod service;
mod speech;
mod telegram;

pub use answer::{AnswerBody, BotAnswer};
pub use platform::PlatformBases;
pub use request::BotRequest;
pub use service::{BotCalls, BotParts};
pub use speech::{Family, Speech, Whom};
