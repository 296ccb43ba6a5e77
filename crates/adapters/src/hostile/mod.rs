//! Every decoder as a function of bytes that somebody else chose, with what must hold whatever the
//! bytes are. Fuzzing (`fuzz/`) and the tests below call these; nothing that is shipped holds them.
//!
//! A broken promise panics: that is how a fuzzer is told.

#![allow(clippy::expect_used)]

mod bot;
mod desk;
mod links;
mod rules;
mod webhooks;

pub use bot::{graph_call, telegram_call};
pub use desk::{lets_talk, pubnub};
pub use links::links;
pub use rules::rules;
pub use webhooks::{instagram, messenger, telegram, test_chat, whatsapp};

/// A decoder under the name of its fuzz target and of its folder of examples.
pub type Door = (&'static str, fn(&[u8]));

/// All of them.
pub const DOORS: [Door; 11] = [
    ("whatsapp", whatsapp),
    ("messenger", messenger),
    ("instagram", instagram),
    ("telegram", telegram),
    ("test_chat", test_chat),
    ("pubnub", pubnub),
    ("lets_talk", lets_talk),
    ("graph_call", graph_call),
    ("telegram_call", telegram_call),
    ("rules", rules),
    ("links", links),
];

#[cfg(test)]
mod tests;
