//! End-to-end tests: the built binary as child processes, all platforms simulated in the test's
//! own process. `world` puts a house together, `phone` and `desk` are the two people in a
//! conversation, every other file is one promise.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod collector;
mod crew;
mod desk;
mod house;
mod phone;
mod wait;
mod world;

mod admin;
mod backup;
mod bench;
mod beside;
mod desk_gone;
mod disk_full;
mod faults;
mod hush;
mod jobs;
mod links;
mod load;
mod names;
mod overload;
mod policy;
mod power;
mod ready;
mod resolution;
mod ring;
mod schema;
mod strangers;
mod survival;
mod telegram_bot;
mod test_chat;
mod timers;
mod tls;
mod traces;
mod trial;
mod upkeep;
