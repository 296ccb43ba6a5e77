//! How a text looks on each platform: what the real adapter would send, drawn as bubbles.

use crate::extract::Member;
use crate::i18n::Lang;
use crate::pages::parts::kind_title;
use askama::Template;
use domain::channel::ChannelKind;
use domain::message::Content;
use domain::ports::{Channel, Part, RenderContext};
use domain::variables::{Values, fill};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// A text on every platform.
#[derive(Template)]
#[template(path = "preview.html")]
pub(crate) struct Preview {
    pub l: Lang,
    pub channels: Vec<ChannelPreview>,
}

/// A text on one platform.
pub(crate) struct ChannelPreview {
    pub kind: &'static str,
    pub title: String,
    pub bubbles: Vec<Bubble>,
    /// What differs there from what one might expect; empty = nothing.
    pub note: String,
}

/// One message as the platform shows it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Bubble {
    pub text: String,
    /// Buttons under the message.
    pub buttons: Vec<String>,
    /// Answers above the keyboard that vanish after the next message.
    pub chips: Vec<String>,
    /// The button that opens a list, empty without one.
    pub opens: String,
    pub rows: Vec<(String, String)>,
}

/// The text of a variable's button: its name in the reader's language, between braces.
pub(crate) fn variable_names(variables: &[domain::variables::Variable], l: Lang) -> Vec<String> {
    let index = match l.code() {
        "es" => 0,
        "en" => 1,
        _ => 2,
    };
    let name = |v: &domain::variables::Variable| v.names().get(index).copied().unwrap_or_default();
    variables
        .iter()
        .map(|v| format!("{{{}}}", name(v)))
        .collect()
}

/// What is wrong with the variables of a text, for beside its field.
pub(crate) fn wrong_variables(
    text: &str,
    allowed: &[domain::variables::Variable],
    l: Lang,
) -> Option<String> {
    let unknown = domain::variables::unknown(text, allowed);
    (!unknown.is_empty()).then(|| {
        let names: Vec<String> = unknown.iter().map(|n| format!("{{{n}}}")).collect();
        let known = variable_names(allowed, l).join(", ");
        let names = names.join(", ");
        l.filled("wrong-variable", &[("names", &names), ("known", &known)])
    })
}

/// Draws a text for a made-up contact; `content` makes the message from the filled text.
pub(crate) fn preview(
    member: &Member,
    text: &str,
    prefix: &str,
    content: impl Fn(String) -> Content,
) -> Preview {
    let l = member.visitor.lang;
    let channels = &member.visitor.app.channels;
    let name = l.t("preview-contact");
    let agent = l.t("preview-agent");
    let drawn = |kind: ChannelKind| {
        let title = kind_title(kind, l);
        let values = Values {
            name: Some(&name),
            company: Some(&member.tenant.name),
            channel: Some(&title),
            agent: Some(&agent),
        };
        one(channels, kind, &content(fill(text, &values)), prefix, l)
    };
    // Neither has a platform that would show it.
    let kinds = ChannelKind::ALL
        .into_iter()
        .filter(|k| !matches!(k, ChannelKind::Api | ChannelKind::Test));
    Preview {
        l,
        channels: kinds.filter_map(drawn).collect(),
    }
}

fn one(
    channels: &HashMap<ChannelKind, Arc<dyn Channel>>,
    kind: ChannelKind,
    content: &Content,
    prefix: &str,
    l: Lang,
) -> Option<ChannelPreview> {
    let context = RenderContext {
        prefix: prefix.to_owned(),
        // Within the window: the contact wrote just now.
        last_inbound_at: Some(RenderContext::default().now),
        choice_prefix: "r:".to_owned(),
        ..RenderContext::default()
    };
    let parts = channels.get(&kind)?.render(content, &context);
    let bubbles: Vec<Bubble> = parts.iter().flat_map(bubbles).collect();
    let note = if bubbles.iter().any(|b| !b.rows.is_empty()) {
        l.t("preview-note-list")
    } else if bubbles.iter().any(|b| !b.chips.is_empty()) {
        l.t("preview-note-chips")
    } else if bubbles.len() > 1 {
        l.n(
            "preview-note-split",
            i64::try_from(bubbles.len()).unwrap_or(2),
        )
    } else {
        String::new()
    };
    Some(ChannelPreview {
        kind: kind.name(),
        title: kind_title(kind, l),
        bubbles,
        note,
    })
}

/// Reads a request as the platform would show it.
fn bubbles(part: &Part) -> Vec<Bubble> {
    let body = &part.body;
    if let Some(message) = body.get("message") {
        return messenger(message);
    }
    vec![match body["type"].as_str() {
        Some("interactive") => whatsapp(&body["interactive"]),
        Some("text") => plain(&body["text"]["body"]),
        _ => telegram(body),
    }]
}

fn plain(text: &Value) -> Bubble {
    Bubble {
        text: text.as_str().unwrap_or_default().to_owned(),
        ..Bubble::default()
    }
}

fn telegram(body: &Value) -> Bubble {
    let rows = body["reply_markup"]["inline_keyboard"].as_array();
    let buttons = rows.into_iter().flatten().filter_map(Value::as_array);
    Bubble {
        buttons: buttons.flatten().map(|b| string(&b["text"])).collect(),
        ..plain(&body["text"])
    }
}

fn whatsapp(interactive: &Value) -> Bubble {
    let action = &interactive["action"];
    let sections = action["sections"].as_array().into_iter().flatten();
    let rows = sections.filter_map(|s| s["rows"].as_array()).flatten();
    let link = string(&action["parameters"]["display_text"]);
    let buttons = action["buttons"].as_array().into_iter().flatten();
    Bubble {
        buttons: buttons
            .map(|b| string(&b["reply"]["title"]))
            .chain(Some(link).filter(|l| !l.is_empty()))
            .collect(),
        opens: string(&action["button"]),
        rows: rows
            .map(|row| (string(&row["title"]), string(&row["description"])))
            .collect(),
        ..plain(&interactive["body"]["text"])
    }
}

fn messenger(message: &Value) -> Vec<Bubble> {
    let titles = |list: &Value| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.map(|item| string(&item["title"])).collect()
    };
    let payload = &message["attachment"]["payload"];
    match payload["elements"].as_array() {
        Some(elements) => elements
            .iter()
            .map(|element| Bubble {
                buttons: titles(&element["buttons"]),
                ..plain(&element["title"])
            })
            .collect(),
        None if payload.is_object() => vec![Bubble {
            buttons: titles(&payload["buttons"]),
            ..plain(&payload["text"])
        }],
        None => vec![Bubble {
            chips: titles(&message["quick_replies"]),
            ..plain(&message["text"])
        }],
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn part(body: Value) -> Part {
        Part {
            method: String::new(),
            body,
            file: None,
        }
    }

    #[test]
    fn each_platforms_request_is_read_as_it_would_look() {
        let listed = part(json!({"type": "interactive", "interactive": {
            "type": "list", "body": {"text": "¿Qué tal?"},
            "action": {"button": "Ver opciones", "sections": [
                {"rows": [{"id": "1", "title": "Mal", "description": "Muy mal"}]}]},
        }}));
        let found = &bubbles(&listed)[0];
        assert_eq!(
            (found.text.as_str(), found.opens.as_str()),
            ("¿Qué tal?", "Ver opciones")
        );
        assert_eq!(found.rows, [("Mal".to_owned(), "Muy mal".to_owned())]);
        let keys = part(json!({"text": "Hola", "reply_markup": {
            "inline_keyboard": [[{"text": "1"}], [{"text": "2"}]]}}));
        assert_eq!(bubbles(&keys)[0].buttons, ["1", "2"]);
        let quick = part(json!({"message": {"text": "Hola", "quick_replies": [{"title": "1"}]}}));
        assert_eq!(bubbles(&quick)[0].chips, ["1"]);
        let cards = part(json!({"message": {"attachment": {"payload": {"elements": [
            {"title": "A", "buttons": [{"title": "x"}]}, {"title": "B", "buttons": []}]}}}}));
        assert_eq!(bubbles(&cards).len(), 2);
    }
}
