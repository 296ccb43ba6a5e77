//! The worker: realtime subscriptions, outbound delivery, timers.
//!
//! ```text
//! Let's Talk ─PubNub─▶ subscriptions ─▶ ingest
//! queue, sweep ─▶ outbound: claim ▸ execute ▸ result ─▶ ingest
//! clock ─▶ timers ─▶ ingest
//! ```

mod books;
mod context;
pub mod crew;
mod housekeeping;
pub mod outbound;
pub mod subscriptions;
mod timers;
mod typing;

pub use books::books;
pub use context::Context;
pub use housekeeping::housekeeping;
pub use timers::timers;
pub use typing::typing;
