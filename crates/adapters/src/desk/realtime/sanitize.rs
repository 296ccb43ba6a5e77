//! Reads the body of a poll's answer. Every entry is read by itself: one that is odd is set
//! aside as poison and cannot spoil the others.

use crate::desk::decode::event;
use crate::desk::decode::value::{at, first_int, first_text, int};
use crate::json;
use domain::desk::DeskEvent;
use domain::ports::{Batch, Cursor, Heard, RealtimeEvent};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// An answer whose cursor is known; the entries are still as they came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) cursor: Cursor,
    entries: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Body {
    t: Time,
    #[serde(default)]
    m: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Time {
    t: Value,
    #[serde(default)]
    r: Value,
}

/// `None` for a body without a cursor: an error of some gateway, not PubNub's answer.
pub(super) fn answer(body: &[u8]) -> Option<Answer> {
    let body: Body = serde_json::from_slice(body)
        .or_else(|_| serde_json::from_str(&json::repair(&String::from_utf8_lossy(body))))
        .ok()?;
    let timetoken = int(&body.t.t).and_then(|t| u64::try_from(t).ok())?;
    Some(Answer {
        cursor: Cursor {
            timetoken,
            region: int(&body.t.r).and_then(|r| u32::try_from(r).ok()),
        },
        entries: body.m,
    })
}

impl Answer {
    /// What the entries say, for the tenant whose own agent is `own_user`.
    pub(super) fn into_batch(self, own_user: i64) -> Batch {
        Batch {
            cursor: self.cursor,
            events: self
                .entries
                .into_iter()
                .map(|raw| entry(&raw, own_user))
                .collect(),
        }
    }
}

fn entry(raw: &RawValue, own_user: i64) -> RealtimeEvent {
    let Ok(parsed) = json::parse(raw.get().as_bytes()) else {
        return unreadable(raw);
    };
    let channel = first_text(&parsed, &[&["c"]]).unwrap_or_default();
    RealtimeEvent {
        timetoken: first_int(&parsed, &[&["p", "t"]]).and_then(|t| u64::try_from(t).ok()),
        heard: heard(&parsed, channel, own_user),
        channel: channel.to_owned(),
        raw: without_key(raw, parsed),
    }
}

/// An entry that no parser takes, such as one nested too deep. Its text is not kept: the subscribe
/// key stands in it somewhere.
fn unreadable(raw: &RawValue) -> RealtimeEvent {
    RealtimeEvent {
        channel: String::new(),
        timetoken: None,
        heard: Heard::Poison {
            why: "entry cannot be parsed",
        },
        raw: serde_json::json!({ "unreadable_bytes": raw.get().len() }).to_string(),
    }
}

/// The entry as it is stored, mended. PubNub names the subscribe key in each of them (`k`), and
/// whoever has it can listen.
fn without_key(raw: &RawValue, mut parsed: Value) -> String {
    let had_key = parsed.as_object_mut().and_then(|entry| entry.remove("k"));
    let is_sound = || serde_json::from_str::<Value>(raw.get()).is_ok();
    if had_key.is_none() && is_sound() {
        raw.get().to_owned()
    } else {
        parsed.to_string()
    }
}

fn heard(entry: &Value, channel: &str, own_user: i64) -> Heard {
    let ignored = |kind: &str| {
        Heard::Event(DeskEvent::Ignored {
            namespace: format!("pubnub.{kind}"),
        })
    };
    // 0 or nothing is a message; the other kinds are PubNub's own traffic.
    match at(entry, &["e"]).map(int) {
        None | Some(Some(0)) => {}
        Some(Some(1)) => return ignored("signal"),
        Some(Some(2)) => return ignored("object"),
        Some(Some(3)) => return ignored("action"),
        Some(Some(4)) => return ignored("file"),
        Some(_) => {
            return Heard::Poison {
                why: "kind of entry is unknown",
            };
        }
    }
    let payload = at(entry, &["d"]);
    let names_itself = payload.is_some_and(|p| at(p, &["namespace"]).is_some() || p.is_string());
    if channel.ends_with("-pnpres") || (channel.starts_with("presence.") && !names_itself) {
        return ignored("presence");
    }
    let Some(payload) = payload else {
        return Heard::Poison {
            why: "entry has no body",
        };
    };
    match event(payload, channel, own_user) {
        Ok(event) => Heard::Event(event),
        Err(unreadable) => Heard::Poison { why: unreadable.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn batch(body: &Value) -> Batch {
        answer(body.to_string().as_bytes())
            .unwrap()
            .into_batch(5207)
    }

    #[test]
    fn one_odd_entry_does_not_spoil_the_others() {
        let good = json!({"c": "conversation-7", "b": "user-5207-channel", "p": {"t": "17000000000000001", "r": 2},
            "d": {"namespace": "messages.create", "data": {"id": 1, "conversation_id": 7, "type": "NORMAL",
                "person_type": "User", "person_id": 9, "content": "hola", "content_type": "text/plain"}}});
        let body = json!({"t": {"t": "17000000000000009", "r": 2}, "m": [
            17, "text", null, {"c": "x"}, {"e": "4", "c": "x", "d": {}}, {"e": 9, "c": "x", "d": {}},
            {"c": "presence.user-5207", "d": {"action": "join"}}, good,
        ]});
        let batch = batch(&body);
        assert_eq!(batch.cursor.timetoken, 17_000_000_000_000_009);
        assert_eq!(batch.cursor.region, Some(2));
        assert_eq!(batch.events.len(), 8);
        let poison = |e: &RealtimeEvent| matches!(e.heard, Heard::Poison { .. });
        assert_eq!(batch.events.iter().filter(|e| poison(e)).count(), 5);
        let last = &batch.events[7];
        assert!(matches!(last.heard, Heard::Event(DeskEvent::Message(_))));
        assert_eq!(last.timetoken, Some(17_000_000_000_000_001));
        assert_eq!(serde_json::from_str::<Value>(&last.raw).unwrap(), good);
    }

    #[test]
    fn the_key_that_lets_anyone_listen_is_not_kept() {
        let entry = json!({"a": "2", "k": "sub-c-1", "c": "conversation-7", "p": {"t": "17", "r": 2},
            "d": {"k": "theirs"}});
        let batch = batch(&json!({"t": {"t": "18", "r": 2}, "m": [entry]}));
        let kept: Value = serde_json::from_str(&batch.events[0].raw).unwrap();
        assert_eq!(
            kept,
            json!({"a": "2", "c": "conversation-7", "p": {"t": "17", "r": 2}, "d": {"k": "theirs"}})
        );
    }

    #[test]
    fn half_an_emoji_costs_no_message_and_shows_no_key() {
        let told = |content: &str| {
            format!(
                r#"{{"k":"sub-c-1","c":"conversation-7","p":{{"t":"17","r":2}},"d":{{"namespace":"messages.create",
                "data":{{"id":1,"conversation_id":7,"person_type":"User","person_id":9,"content":"{content}"}}}}}}"#
            )
        };
        let body = format!(
            r#"{{"t":{{"t":"18"}},"m":[{},{}]}}"#,
            told(r"hola \ud83d"),
            told("adiós")
        );
        let batch = answer(body.as_bytes()).unwrap().into_batch(5207);
        assert_eq!(batch.events.len(), 2);
        for event in &batch.events {
            assert!(
                matches!(event.heard, Heard::Event(DeskEvent::Message(_))),
                "{event:?}"
            );
            assert!(!event.raw.contains("sub-c-1"));
            assert!(serde_json::from_str::<Value>(&event.raw).is_ok());
        }
    }

    #[test]
    fn an_entry_nested_too_deep_is_set_aside_without_its_key() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let body = format!(r#"{{"t":{{"t":"18"}},"m":[{{"k":"sub-c-1","d":{deep}}}]}}"#);
        let batch = answer(body.as_bytes()).unwrap().into_batch(5207);
        assert!(matches!(batch.events[0].heard, Heard::Poison { .. }));
        assert!(!batch.events[0].raw.contains("sub-c-1"));
    }

    #[test]
    fn a_body_without_a_cursor_is_no_answer() {
        for body in [
            "",
            "<html>",
            "[]",
            r#"{"m":[]}"#,
            r#"{"t":{"t":"soon"},"m":[]}"#,
            "\u{fffd}",
        ] {
            assert!(answer(body.as_bytes()).is_none(), "{body}");
        }
    }
}
