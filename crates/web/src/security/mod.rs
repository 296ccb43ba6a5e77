//! What keeps strangers out: headers, sessions, forged forms, password guessing.

pub mod address;
pub mod client;
pub mod csrf;
pub mod factor;
pub mod floor;
pub mod headers;
pub mod sealed;
pub mod session_store;
pub mod throttle;
