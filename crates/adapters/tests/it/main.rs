//! Integration tests of the adapters against real services.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod queue_contract;
mod queue_redis;
mod vault;
mod webhooks;
