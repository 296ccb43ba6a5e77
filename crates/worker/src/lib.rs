//! The worker: realtime subscriptions, outbound delivery, timers.
//!
//! ```text
//! Let's Talk ─PubNub─▶ subscriptions ─▶ ingest
//! queue, sweep ─▶ outbound: claim ▸ execute ▸ result ─▶ ingest
//! clock ─▶ timers ─▶ ingest; renewal, housekeeping
//! store ─▶ mails ─▶ mail server
//! ```

mod books;
mod context;
pub mod crew;
mod figures;
mod housekeeping;
mod mails;
pub mod outbound;
mod renewal;
mod retention;
pub mod subscriptions;
mod timers;
mod typing;

pub use books::books;
pub use context::Context;
pub use figures::figures;
pub use housekeeping::housekeeping;
pub use mails::Mails;
pub use renewal::renewal;
pub use retention::{leave, remove_files, retention, sweep};
pub use timers::timers;
pub use typing::typing;
