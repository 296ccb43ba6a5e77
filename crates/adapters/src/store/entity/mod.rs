//! One entity per table, as the migrations made them. The columns speak for themselves; what
//! they mean stands in the domain.
#![allow(
    missing_docs,
    reason = "columns mirror the migrations, where each is explained"
)]

pub mod api_keys;
pub mod audit;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod data_keys;
pub mod deliveries;
pub mod desks;
pub mod files;
pub mod handoffs;
pub mod idempotency;
pub mod members;
pub mod messages;
pub mod outbox;
pub mod realtime_events;
pub mod rules;
pub mod sessions;
pub mod tenants;
pub mod webhooks;
