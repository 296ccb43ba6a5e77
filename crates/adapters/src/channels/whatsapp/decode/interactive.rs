//! Taps: buttons, list rows, template buttons, and the answers of a form («flow»).

use crate::channels::meta::json::{self, Lenient};
use domain::message::Content;
use serde_json::Value;

/// The content of an `interactive` message; its inner object may be missing.
pub(super) fn of(body: &Value, offered_in: Option<String>) -> Option<Content> {
    let tapped = body
        .child("button_reply")
        .or_else(|| body.child("list_reply"));
    if let Some(tapped) = tapped {
        let payload = tapped.id("id");
        let label = tapped
            .text("title")
            .map(str::to_owned)
            .or_else(|| payload.clone())?;
        return Some(Content::Choice {
            label,
            payload,
            offered_in,
        });
    }
    body.child("nfm_reply").map(form)
}

/// A button of a template.
pub(super) fn template_button(body: &Value, offered_in: Option<String>) -> Option<Content> {
    let payload = body.id("payload");
    Some(Content::Choice {
        label: body
            .text("text")
            .map(str::to_owned)
            .or_else(|| payload.clone())?,
        payload,
        offered_in,
    })
}

/// A filled-in form as text, one line per answer. The answers come as JSON inside a string.
fn form(reply: &Value) -> Content {
    let mut lines: Vec<String> = reply.text("body").map(str::to_owned).into_iter().collect();
    let answers = match reply.child("response_json") {
        Some(Value::String(text)) => json::parse(text.as_bytes()).ok(),
        other => other.cloned(),
    };
    for (question, answer) in answers
        .as_ref()
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if question == "flow_token" {
            continue; // ours, not the person's words
        }
        let answer = match answer {
            Value::String(text) => text.clone(),
            Value::Null => continue,
            other => other.to_string(),
        };
        lines.push(format!("{question}: {answer}"));
    }
    if lines.is_empty() {
        lines.extend(reply.text("name").map(str::to_owned));
    }
    if lines.is_empty() {
        return Content::Unsupported {
            what: "nfm_reply".to_owned(),
        };
    }
    Content::Text {
        text: lines.join("\n"),
    }
}
