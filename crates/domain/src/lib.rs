//! The vocabulary of Relevo, the handoff machine and the routing rules.
//!
//! Everything here is pure: no runtime, no database, no network, no clock and no
//! random numbers. What the outside world must do is described by the traits in
//! [`ports`] and carried out by the `adapters` crate.
//!
//! A newcomer reads in this order: [`ids`] and [`time`], [`message`] (what is said),
//! [`conversation`] (who speaks with whom), [`handoff`] (who may speak now),
//! [`routing`] (when a human is needed), [`ports`] (the seams).

pub mod api_key;
pub mod audit;
pub mod calendar;
pub mod channel;
pub mod contact;
pub mod conversation;
pub mod desk;
pub mod handoff;
pub mod ids;
pub mod message;
pub mod metrics;
pub mod outbound;
pub mod ports;
pub mod routing;
pub mod secret;
pub mod tenant;
pub mod time;
pub mod variables;
mod words;
