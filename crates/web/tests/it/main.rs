//! The pages over real HTTP, on SQLite in a folder of its own.

mod browser;
mod house;
mod pages;
mod pages_bounds;
mod pages_texts;
