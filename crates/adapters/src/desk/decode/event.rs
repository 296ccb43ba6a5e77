//! The envelope of a realtime event: `{"namespace": …, "data": {…}}`.

use super::value::{at, first_int, first_text};
use super::{Unreadable, message};
use domain::desk::DeskEvent;
use domain::handoff::AgentRef;
use serde_json::Value;

/// Reads the body of a PubNub message. `channel` is where it came on: events of a conversation
/// come on `conversation-<id>`.
///
/// # Errors
/// When the envelope or, in `messages.create`, the message cannot be read. Noise never fails.
pub fn event(payload: &Value, channel: &str, own_user: i64) -> Result<DeskEvent, Unreadable> {
    let unpacked;
    // Some publishers send the JSON as a string.
    let payload = match payload {
        Value::String(text) => {
            unpacked =
                crate::json::parse(text.as_bytes()).map_err(|_| Unreadable("body is no object"))?;
            &unpacked
        }
        other => other,
    };
    let namespace =
        first_text(payload, &[&["namespace"]]).ok_or(Unreadable("namespace is missing"))?;
    let empty = Value::Null;
    let data = at(payload, &["data"]).unwrap_or(&empty);
    let came_on = channel
        .strip_prefix("conversation-")
        .and_then(|id| id.parse().ok());
    let ignored = || DeskEvent::Ignored {
        namespace: namespace.chars().take(80).collect(),
    };
    Ok(match namespace {
        "messages.create" => DeskEvent::Message(message(data, own_user, came_on)?),
        "conversation_memberships.create" => {
            joined(data, own_user, came_on)?.unwrap_or_else(ignored)
        }
        "conversations.update" if is_closed(data) => DeskEvent::Closed {
            conversation: conversation(data, &["id"], came_on)?,
        },
        "typing.now" => match conversation(data, &["conversation", "id"], came_on) {
            Ok(conversation) if is_other_agent(data, own_user) => {
                DeskEvent::Typing { conversation }
            }
            _ => ignored(),
        },
        _ => ignored(),
    })
}

/// The conversation an event is about; if it names another than the channel, neither is believed.
fn conversation(data: &Value, own: &[&str], came_on: Option<i64>) -> Result<i64, Unreadable> {
    match (first_int(data, &[&["conversation_id"], own]), came_on) {
        (Some(told), Some(came)) if told != came => {
            Err(Unreadable("conversation differs from where it came"))
        }
        (told, came) => told
            .or(came)
            .ok_or(Unreadable("conversation id is missing")),
    }
}

/// An agent who answers: members do, viewers only watch.
fn joined(
    data: &Value,
    own_user: i64,
    came_on: Option<i64>,
) -> Result<Option<DeskEvent>, Unreadable> {
    let answers = first_text(data, &[&["role"]]).is_none_or(|r| r.eq_ignore_ascii_case("member"));
    let Some(id) = first_int(data, &[&["person_id"], &["person", "id"]]) else {
        return Ok(None);
    };
    if !answers || !is_other_agent(data, own_user) {
        return Ok(None);
    }
    Ok(Some(DeskEvent::AgentJoined {
        conversation: conversation(data, &["conversation", "id"], came_on)?,
        agent: AgentRef {
            id,
            name: first_text(data, &[&["person", "name"], &["person_name"]])
                .map(|n| n.trim().to_owned()),
        },
    }))
}

fn is_other_agent(data: &Value, own_user: i64) -> bool {
    let user = first_text(data, &[&["person_type"], &["person", "type"], &["who"]])
        .is_some_and(|t| t.eq_ignore_ascii_case("user"));
    user && first_int(data, &[&["person_id"], &["person", "id"]]) != Some(own_user)
}

fn is_closed(data: &Value) -> bool {
    first_text(data, &[&["status"], &["conversation", "status"]])
        .is_some_and(|s| s.eq_ignore_ascii_case("closed"))
}
