//! The message object, from the stream and from listings.

use super::content::content;
use super::value::{at, first_int, first_text, flag};
use super::{Unreadable, instant};
use domain::desk::{DeskBody, DeskMessage};
use domain::handoff::AgentRef;
use serde_json::Value;
use uuid::Uuid;

/// Reads a message object. `own_user` is our own agent's id: its words never leave the desk.
/// `conversation` is where it came from, for the rows that do not say it themselves.
///
/// # Errors
/// When the id, the conversation, the author or the content cannot be told: an unknown author is
/// not guessed, because a wrong guess shows a contact what was not meant for them.
pub fn message(
    data: &Value,
    own_user: i64,
    conversation: Option<i64>,
) -> Result<DeskMessage, Unreadable> {
    let id = first_int(data, &[&["id"]])
        .filter(|id| *id > 0)
        .ok_or(Unreadable("message id is missing"))?;
    let told = first_int(data, &[&["conversation_id"], &["conversation", "id"]]);
    let conversation = match (told, conversation) {
        (Some(told), Some(came)) if told != came => {
            return Err(Unreadable("conversation differs from where it came"));
        }
        (told, came) => told
            .or(came)
            .ok_or(Unreadable("conversation id is missing"))?,
    };
    let remote_id =
        first_text(data, &[&["remote_id"]]).and_then(|t| Uuid::parse_str(t.trim()).ok());
    Ok(DeskMessage {
        id,
        conversation,
        remote_id,
        body: body(data, own_user, remote_id)?,
        created_at: at(data, &["created_at"]).and_then(instant),
    })
}

fn body(data: &Value, own_user: i64, remote_id: Option<Uuid>) -> Result<DeskBody, Unreadable> {
    let kind = first_text(data, &[&["type"], &["mtype"]]).unwrap_or("NORMAL");
    if kind.eq_ignore_ascii_case("system") {
        return Ok(system(data));
    }
    if !kind.eq_ignore_ascii_case("normal") {
        return Err(Unreadable("message type is unknown"));
    }
    // A note must never leave: what is not clearly `false` counts as a note.
    if at(data, &["internal"]).is_some_and(|v| flag(v) != Some(false)) {
        return Ok(DeskBody::Internal);
    }
    let author = first_text(data, &[&["person_type"], &["person", "type"], &["who"]])
        .ok_or(Unreadable("author type is missing"))?;
    if author.eq_ignore_ascii_case("client") {
        return Ok(DeskBody::Client {
            content: content(data).ok(),
        });
    }
    if !author.eq_ignore_ascii_case("user") {
        return Err(Unreadable("author type is unknown"));
    }
    let person = first_int(data, &[&["person_id"], &["person", "id"]]);
    // Our own identities are name-based (version 5); with no author id they tell us apart.
    let ours = person == Some(own_user)
        || (person.is_none() && remote_id.is_some_and(|r| r.get_version_num() == 5));
    if ours {
        return Ok(DeskBody::Internal);
    }
    Ok(DeskBody::Agent {
        agent: AgentRef {
            id: person.unwrap_or_default(),
            name: first_text(data, &[&["person", "name"], &["person_name"]])
                .map(|n| n.trim().to_owned()),
        },
        content: content(data)?,
    })
}

fn system(data: &Value) -> DeskBody {
    let text = match at(data, &["content"]) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    if text.eq_ignore_ascii_case("closed") {
        DeskBody::Closed
    } else {
        DeskBody::System { text }
    }
}
