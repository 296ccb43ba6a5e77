//! Meta's own words for a refusal: the Graph error envelope (`channels.md` §1.4).

use super::super::answer::BotAnswer;
use domain::channel::ChannelKind;
use serde_json::{Value, json};
use uuid::Uuid;

fn envelope(status: u16, trace: Uuid, mut error: Value) -> BotAnswer {
    error["type"] = "OAuthException".into();
    error["fbtrace_id"] = format!("R{}", trace.simple()).into();
    BotAnswer::json(status, &json!({ "error": error }))
}

/// A human has control: the codes of these platforms for «this recipient cannot be reached by
/// you», which bots do not repeat.
pub(in super::super) fn muted(kind: ChannelKind, trace: Uuid) -> BotAnswer {
    const WHY: &str = "A human agent has control of this conversation.";
    let error = match kind {
        ChannelKind::WhatsApp => json!({
            "message": "(#131026) Message undeliverable", "code": 131_026,
            "error_data": {"messaging_product": "whatsapp", "details": WHY},
        }),
        _ => json!({
            "message": format!("(#10) {WHY}"), "code": 10, "error_subcode": 2_018_300,
            "is_transient": false, "error_user_title": "Not the thread owner", "error_user_msg": WHY,
        }),
    };
    envelope(400, trace, error)
}

/// The token is missing or not this line's.
pub(in super::super) fn unauthorized(trace: Uuid) -> BotAnswer {
    let error = json!({
        "message": "Invalid OAuth access token - Cannot parse access token", "code": 190,
    });
    envelope(401, trace, error)
}

/// Nothing is connected under this address.
pub(in super::super) fn unknown(trace: Uuid) -> BotAnswer {
    let error = json!({
        "message": "(#803) Some of the aliases you requested do not exist", "code": 803,
    });
    envelope(404, trace, error)
}

/// The node is not a line of this address and token.
pub(in super::super) fn foreign_node(trace: Uuid) -> BotAnswer {
    let error = json!({
        "message": "Unsupported post request. The object does not exist, cannot be loaded due to missing permissions, or is not the line of this address.",
        "code": 100, "error_subcode": 33,
    });
    envelope(400, trace, error)
}

/// The request cannot be read, or asks for what the proxy does not carry.
pub(in super::super) fn refusal(status: u16, why: &str, trace: Uuid) -> BotAnswer {
    let error = json!({"message": format!("(#100) {why}"), "code": 100});
    envelope(status, trace, error)
}

/// We cannot take it now.
pub(in super::super) fn busy(trace: Uuid) -> BotAnswer {
    let error = json!({
        "message": "(#2) Service temporarily unavailable", "code": 2, "is_transient": true,
    });
    envelope(503, trace, error).with("retry-after", "1")
}

/// Meta could not be reached, or did not answer; then the call may have been carried out.
pub(in super::super) fn unanswered(ambiguous: bool, trace: Uuid) -> BotAnswer {
    if ambiguous {
        let error = json!({
            "message": "(#1) An unknown error has occurred: the platform did not answer",
            "code": 1, "is_transient": false,
        });
        return envelope(500, trace, error);
    }
    busy(trace)
}

/// What the platform made of a message: its ids and the contact's, or why not.
pub(in super::super) struct Taken {
    /// The ids of the messages made.
    pub ids: Vec<String>,
    /// Whom it reached, where the platform tells.
    pub recipient: Option<String>,
}

/// Reads the platform's answer to a message.
pub(in super::super) fn outcome(status: u16, body: &[u8]) -> Result<Taken, String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &answer["error"];
    if !(200..300).contains(&status) || !error.is_null() {
        let words = error["error_data"]["details"]
            .as_str()
            .or_else(|| error["message"].as_str())
            .unwrap_or("sin explicación");
        let words: String = words.chars().take(300).collect();
        return Err(format!("Meta {status} {}: {words}", error["code"]));
    }
    let listed = answer["messages"].as_array().into_iter().flatten();
    let mut ids: Vec<String> = listed
        .filter_map(|m| m["id"].as_str())
        .map(str::to_owned)
        .collect();
    ids.extend(answer["message_id"].as_str().map(str::to_owned));
    Ok(Taken {
        ids,
        recipient: answer["recipient_id"].as_str().map(str::to_owned),
    })
}
