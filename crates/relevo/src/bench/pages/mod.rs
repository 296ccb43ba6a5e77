//! What pages cost: a database filled in bulk, the real web server in front of it, and a browser
//! that counts what it gets.

pub mod measure;
pub mod report;
pub mod seed;
pub mod told;
pub mod which;
mod wire;
