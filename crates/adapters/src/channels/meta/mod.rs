//! What WhatsApp, Messenger and Instagram share: they are three products of one platform
//! (`channels.md` §1), with one signature, one handshake and one shape of errors.

pub mod excerpt;
pub mod graph;
pub mod handshake;
pub mod hash;
pub mod json;
pub mod media;
pub mod messaging;
pub mod options;
pub mod signature;
pub mod subscription;
pub mod validate;
pub mod words;

pub use graph::{Graph, MetaHttp};
