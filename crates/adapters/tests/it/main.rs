//! The adapters at their real edges.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod channels_meta;
mod desk_rest;
mod desk_support;
mod files;
mod ingest_commits;
mod ingest_handoffs;
mod ingest_properties;
mod ingest_statuses;
mod ingest_strays;
mod ingest_webhooks;
mod mailer;
mod net;
mod net_server;
mod queue_contract;
mod queue_redis;
mod realtime;
mod store;
mod store_audit;
mod store_claims;
mod store_data;
mod store_explain;
mod store_identity;
mod store_metrics;
mod store_team;
mod support;
mod support_company;
mod support_desk;
mod telegram;
mod telegram_decode;
mod telegram_render;
mod telegram_send;
mod vault;
mod webhooks;
