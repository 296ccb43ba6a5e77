//! The near side: contacts who write through signed webhooks, by a schedule that waits for nobody.

mod hook;
mod plan;
mod send;
mod wire;

pub(super) use plan::{Mix, Plan};
pub(super) use send::{Sent, ask, forged, send};
pub(super) use wire::Wire;
