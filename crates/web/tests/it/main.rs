//! The pages and the machine edges over real HTTP, on SQLite in a folder of its own.

// Helpers outside test functions stop at the first surprise too.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod api;
mod api_idempotency;
mod api_scopes;
mod bad_input;
mod browser;
mod doctor;
mod edge;
mod figures;
mod hooks;
mod house;
mod identity_account;
mod identity_factor;
mod identity_login;
mod identity_mail;
mod pages;
mod pages_bounds;
mod pages_conversations;
mod pages_rules;
mod pages_settings;
mod pages_team;
mod pages_texts;
mod proxy_graph;
mod proxy_race;
mod proxy_telegram;
mod recorder;
mod test_chat;
