//! Telegram's own words for a refusal (`channels.md` §3.6).

use super::super::answer::BotAnswer;
use serde_json::{Value, json};

/// `{"ok":false,…}`, with the code as HTTP status.
pub(in super::super) fn refusal(code: u16, description: &str) -> BotAnswer {
    let body = json!({"ok": false, "error_code": code, "description": description});
    BotAnswer::json(code, &body)
}

/// A human has control. Libraries treat 403 as final and do not repeat the call.
pub(in super::super) fn muted() -> BotAnswer {
    refusal(
        403,
        "Forbidden: a human agent has control of this conversation",
    )
}

/// The token in the path is not this line's.
pub(in super::super) fn unauthorized() -> BotAnswer {
    refusal(401, "Unauthorized")
}

/// We cannot take it now.
pub(in super::super) fn busy() -> BotAnswer {
    let body = json!({
        "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    });
    BotAnswer::json(429, &body).with("retry-after", "1")
}

/// Telegram could not be reached, or did not answer; then the call may have been carried out.
pub(in super::super) fn unanswered(ambiguous: bool) -> BotAnswer {
    if ambiguous {
        refusal(504, "Gateway Timeout")
    } else {
        refusal(502, "Bad Gateway")
    }
}

/// `{"ok":true,"result":…}`.
pub(in super::super) fn done(result: &Value, description: Option<&str>) -> BotAnswer {
    let mut body = json!({"ok": true, "result": result});
    if let Some(text) = description {
        body["description"] = text.into();
    }
    BotAnswer::json(200, &body)
}

/// The ids of the messages made, or why there are none.
pub(in super::super) fn outcome(status: u16, body: &[u8]) -> Result<Vec<String>, String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    if !(200..300).contains(&status) || answer["ok"] == false {
        let words = answer["description"].as_str().unwrap_or("sin explicación");
        let words: String = words.chars().take(300).collect();
        return Err(format!("Telegram {status}: {words}"));
    }
    let result = &answer["result"];
    let made: Vec<&Value> = match result {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    Ok(made
        .into_iter()
        .filter_map(|m| m["message_id"].as_i64())
        .map(|id| id.to_string())
        .collect())
}
