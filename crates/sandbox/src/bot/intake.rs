//! What users say, out of the platforms' webhooks.

use serde_json::Value;

use crate::phone::kind::Kind;

/// One thing a user said or tapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Who: the id to answer to.
    pub contact: String,
    /// Message id.
    pub id: String,
    /// The words, or the id of what was tapped; `None` for pictures and the like.
    pub words: Option<String>,
    /// Telegram: the callback query to answer.
    pub callback: Option<String>,
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Everything that users said in one webhook. Statuses, echoes, receipts and reactions are nothing
/// to answer.
pub(super) fn said(kind: Kind, body: &Value) -> Vec<Said> {
    match kind {
        Kind::Telegram => telegram(body).into_iter().collect(),
        Kind::Whatsapp => items(body, "changes")
            .flat_map(|change| list(&change["value"]["messages"]))
            .filter_map(whatsapp)
            .collect(),
        _ => items(body, "messaging").filter_map(messenger).collect(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn items<'a>(body: &'a Value, part: &'static str) -> impl Iterator<Item = &'a Value> {
    list(&body["entry"]).flat_map(move |entry| list(&entry[part]))
}

fn whatsapp(message: &Value) -> Option<Said> {
    let kind = message["type"].as_str()?;
    let words = match kind {
        "text" => text(&message["text"]["body"]),
        "interactive" => text(&message["interactive"]["button_reply"]["id"])
            .or_else(|| text(&message["interactive"]["list_reply"]["id"])),
        "button" => text(&message["button"]["payload"]),
        "reaction" | "edit" | "revoke" | "system" | "unsupported" => return None,
        _ => None,
    };
    // A hidden number leaves only the business-scoped id, which is marked by its dot.
    let contact = text(&message["from"]).or_else(|| text(&message["from_user_id"]))?;
    Some(Said {
        contact,
        id: text(&message["id"])?,
        words,
        callback: None,
    })
}

fn messenger(item: &Value) -> Option<Said> {
    let message = &item["message"];
    let postback = &item["postback"];
    let echo = message["is_echo"] == true || message["is_deleted"] == true;
    if echo || (message.is_null() && postback.is_null()) {
        return None;
    }
    Some(Said {
        contact: text(&item["sender"]["id"])?,
        id: text(&message["mid"])
            .or_else(|| text(&postback["mid"]))
            .unwrap_or_default(),
        words: text(&postback["payload"])
            .or_else(|| text(&message["quick_reply"]["payload"]))
            .or_else(|| text(&message["text"])),
        callback: None,
    })
}

fn telegram(update: &Value) -> Option<Said> {
    let query = &update["callback_query"];
    if query.is_object() {
        return Some(Said {
            contact: text(&query["message"]["chat"]["id"])?,
            id: text(&query["id"])?,
            words: text(&query["data"]),
            callback: text(&query["id"]),
        });
    }
    let message = &update["message"];
    if message["chat"]["type"] != "private" {
        return None;
    }
    Some(Said {
        contact: text(&message["chat"]["id"])?,
        id: text(&message["message_id"])?,
        words: text(&message["text"]),
        callback: None,
    })
}
