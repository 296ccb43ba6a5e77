//! The simulators over real HTTP.

mod fault;
mod letstalk_events;
mod letstalk_rest;
mod pubnub;
mod support;
