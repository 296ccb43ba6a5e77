//! Time and randomness are parameters.

use crate::time::Timestamp;
use uuid::Uuid;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Where new ids come from.
pub trait IdSource: Send + Sync {
    /// A new UUIDv7: sorts by the time it was made.
    fn next(&self) -> Uuid;
}
