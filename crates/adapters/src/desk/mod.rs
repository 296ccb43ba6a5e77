//! The tenant's desk: Let's Talk over REST, and what it tells over PubNub.
//!
//! Towards the desk: [`transcript()`](transcript::transcript) and [`render()`](render::render) turn
//! messages into words and files, [`LetsTalk`] posts them. From the desk: [`realtime`] hears,
//! [`decode`] reads, whatever was missed [`LetsTalk`] lists.

pub mod decode;
pub mod notes;
pub mod realtime;
pub mod render;
pub(crate) mod rest;
pub mod transcript;

pub use rest::{LetsTalk, accepted_mime};
