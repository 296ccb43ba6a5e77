//! Towards Let's Talk.

mod attend;
mod case;
mod open;
mod post;

pub(super) use attend::{assign, close, close_duplicate, note};
pub(super) use open::{open, patience};
pub(super) use post::post;
