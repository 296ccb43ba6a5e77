//! Integration tests of the adapters against real services.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod queue_contract;
mod queue_redis;
mod vault;
mod webhooks;
//! The adapters at their real edges.

mod files;
mod net;
mod net_server;
mod telegram;
mod telegram_decode;
mod telegram_render;
mod telegram_send;
