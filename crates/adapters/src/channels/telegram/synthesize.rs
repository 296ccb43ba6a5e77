//! An update as Telegram would send it, made by us to wake the bot's flow after a handoff.

use bytes::Bytes;
use domain::contact::ContactAddress;
use domain::ports::RawWebhook;
use domain::time::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// Who writes in a group: Telegram's own stand-in for anonymous administrators.
const GROUP_STAND_IN: i64 = 1_087_968_824;

/// Made-up ids begin here. Bot libraries want positive ids, some of them in 32 bits with sign;
/// Telegram's own update ids start at random below and message ids count up from 1 in each
/// chat, so none of either is likely ever to reach two thousand million.
const FIRST_ID: u32 = 2_000_000_000;

/// The update. `identity` decides its ids, so that a retry is the same update again.
pub(super) fn synthesize(
    to: &ContactAddress,
    text: &str,
    identity: Uuid,
    now: Timestamp,
) -> RawWebhook {
    let (high, low) = identity.as_u64_pair();
    let mut message = json!({
        "message_id": made_up(low),
        "date": now.0.div_euclid(1000),
        "chat": chat(to),
        "from": sender(to),
        "text": text,
    });
    if let Some(fields) = message.as_object_mut() {
        // Libraries find commands by this entity and not by the slash.
        if let Some(length) = command_length(text) {
            let entity = json!({"type": "bot_command", "offset": 0, "length": length});
            fields.insert("entities".to_owned(), json!([entity]));
        }
        if let Some(topic) = to.thread.as_deref().and_then(|t| t.parse::<i64>().ok()) {
            fields.insert("message_thread_id".to_owned(), json!(topic));
            fields.insert("is_topic_message".to_owned(), json!(true));
        }
    }
    let update = json!({"update_id": made_up(high), "message": message});
    RawWebhook {
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from(update.to_string()),
    }
}

fn made_up(seed: u64) -> u32 {
    let room = u64::from(i32::MAX.unsigned_abs() - FIRST_ID);
    FIRST_ID + u32::try_from(seed % room).unwrap_or_default()
}

fn is_group(to: &ContactAddress) -> bool {
    to.key.starts_with('-')
}

fn id(key: &str) -> Value {
    key.parse::<i64>()
        .map_or_else(|_| json!(key), |id| json!(id))
}

fn chat(to: &ContactAddress) -> Value {
    if is_group(to) {
        json!({"id": id(&to.key), "type": "supergroup", "title": ""})
    } else {
        json!({"id": id(&to.key), "type": "private", "first_name": ""})
    }
}

/// The name is empty, as Telegram has it for deleted accounts: libraries require the field, and
/// a bot must not greet by a name that we made up.
fn sender(to: &ContactAddress) -> Value {
    if is_group(to) {
        json!({"id": GROUP_STAND_IN, "is_bot": true, "first_name": "Group"})
    } else {
        json!({"id": id(&to.key), "is_bot": false, "first_name": ""})
    }
}

/// The length of the command at the beginning, which is ASCII.
fn command_length(text: &str) -> Option<usize> {
    let command = text.split_whitespace().next()?;
    let is_command = text.starts_with('/')
        && command.len() > 1
        && command
            .bytes()
            .skip(1)
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'@');
    is_command.then_some(command.len())
}
