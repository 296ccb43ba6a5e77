//! What the machine gives, measured in the same minutes as what rests on it. The end of a name is its
//! unit, and says beside which figure it stands.

mod bare;
mod commits;
mod polls;

pub(super) use bare::bare_server;
pub(super) use commits::commits;
pub use polls::hold;
pub(super) use polls::idle_polls;

use std::collections::BTreeMap;

/// Primitives by name.
pub(super) type Found = BTreeMap<String, f64>;
