//! The simulators over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod fault;
mod graph_messenger;
mod graph_whatsapp;
mod letstalk_events;
mod letstalk_page;
mod letstalk_rest;
mod phone_bot;
mod pubnub;
mod pubnub_access;
mod pubnub_faults;
mod pubnub_support;
mod receiver;
mod support;
mod telegram;
mod webhook;
