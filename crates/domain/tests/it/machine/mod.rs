//! The handoff machine.

mod fixtures;
mod model;
mod picture;
mod properties;
mod render;
mod stories;
mod table;
