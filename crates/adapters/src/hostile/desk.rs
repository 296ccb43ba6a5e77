//! What Let's Talk answers, and what it tells over PubNub.

use crate::desk::{realtime, rest};
use domain::ports::RealtimeEvent;

const OWN_USER: i64 = 5207;
const KEY: &str = "a-key-of-the-desk";

/// The answer to a poll.
pub fn pubnub(body: &[u8]) {
    let Some(batch) = realtime::read(body, OWN_USER) else {
        return;
    };
    for event in &batch.events {
        kept(event);
        let entry: Result<serde_json::Value, _> = serde_json::from_str(&event.raw);
        let entry = entry.expect("what is kept is JSON");
        assert!(entry.get("k").is_none(), "the subscribe key is kept");
    }
}

/// An answer of the REST API: a listing, an error, a message that was taken, a header.
pub fn lets_talk(body: &[u8]) {
    for event in rest::read_listing(body, OWN_USER, 7) {
        kept(&event);
    }
    let words = rest::read_refusal(body, &[KEY]);
    assert!(words.chars().count() <= 200 && !words.contains(KEY));
    if let Ok(text) = std::str::from_utf8(body) {
        rest::read_wait(text);
    }
}

/// What agents said goes on to be shown to contacts, and our own words and notes never do.
fn kept(event: &RealtimeEvent) {
    use domain::desk::{DeskBody, DeskEvent};
    use domain::ports::Heard;
    if let Heard::Event(DeskEvent::Message(message)) = &event.heard {
        assert!(message.id > 0);
        if let DeskBody::Agent { agent, .. } = &message.body {
            assert_ne!(agent.id, OWN_USER, "our own words came back as an agent's");
        }
    }
}
