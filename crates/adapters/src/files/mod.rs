//! Files of messages on a local disk.

mod hash;
mod local;
mod name;
mod sniff;

pub use local::LocalFiles;
