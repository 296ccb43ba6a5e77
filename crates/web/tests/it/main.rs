//! The pages over real HTTP, on SQLite in a folder of its own.

// Helpers outside test functions stop at the first surprise too.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;
mod house;
mod pages;
mod pages_bounds;
mod pages_texts;
