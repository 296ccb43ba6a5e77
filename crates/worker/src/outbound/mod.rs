//! Outbound work: wake-ups come from the queue and from the sweep, each names a lane of a
//! conversation, and a lane is worked off row by row.
//!
//! ```text
//! queue ──┐
//!         ├─▶ lanes in hand (one task each) ─▶ claim ▸ execute ▸ result ─▶ ingest ─▶ next row
//! sweep ──┘
//! ```

mod breaker;
mod dispatch;
mod doubt;
mod execute;
mod inherit;
mod lane;
mod pace;
mod read;
mod retry;
mod told;

pub use dispatch::{Settings, run};
