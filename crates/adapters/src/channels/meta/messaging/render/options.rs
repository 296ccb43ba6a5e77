//! Options (`channels.md` §6): quick replies, a button template, or a carousel of buttons.

use super::super::Dialect;
use super::{Message, texts};
use crate::channels::meta::options::{NEUTRAL, Shown, shown, with_lines};
use crate::channels::meta::words;
use domain::message::{OptionList, TextUnit};
use domain::ports::RenderContext;
use serde_json::{Value, json};

/// The longest label of a button or quick reply.
const LABEL: usize = 20;
/// The most quick replies under one message; they vanish after the next one.
const QUICK_REPLIES: usize = 13;
/// The longest text of a button template.
const TEMPLATE_TEXT: usize = 640;
/// The longest title of a carousel element.
const ELEMENT_TITLE: usize = 80;

/// The question with its answers, whichever form holds them all.
pub(super) fn messages(
    dialect: &Dialect,
    list: &OptionList,
    context: &RenderContext,
) -> Vec<Message> {
    let (buttons, lines) = shown(list, &context.choice_prefix, LABEL);
    let title = words::prefixed(&context.prefix, &list.title);
    let title = domain::message::clean_text(&with_lines(&title, &lines));
    if buttons.is_empty() {
        return texts(dialect, &title);
    }
    let links = buttons.iter().any(|b| b.url.is_some());
    match buttons.len() {
        n if !links && n <= QUICK_REPLIES => quick_replies(dialect, &title, &buttons),
        1..=3 => template(dialect, &title, &buttons),
        _ => carousel(dialect, &title, &buttons),
    }
}

/// Quick replies stand under the last piece of the question.
fn quick_replies(dialect: &Dialect, title: &str, buttons: &[Shown<'_>]) -> Vec<Message> {
    let mut messages = texts(dialect, title);
    if messages.is_empty() {
        messages = texts(dialect, NEUTRAL);
    }
    let replies: Vec<Value> = buttons
        .iter()
        .map(|b| json!({"content_type": "text", "title": b.label, "payload": b.id}))
        .collect();
    if let Some(last) = messages.last_mut() {
        last.body["quick_replies"] = Value::Array(replies);
    }
    messages
}

fn button(shown: &Shown<'_>) -> Value {
    match shown.url {
        Some(url) => json!({"type": "web_url", "title": shown.label, "url": url}),
        None => json!({"type": "postback", "title": shown.label, "payload": shown.id}),
    }
}

fn template_message(payload: &Value) -> Message {
    Message::of(json!({"attachment": {"type": "template", "payload": payload}}))
}

fn template(dialect: &Dialect, title: &str, buttons: &[Shown<'_>]) -> Vec<Message> {
    let fits = dialect.unit.length(title) <= TEMPLATE_TEXT && !title.trim().is_empty();
    let mut messages = if fits {
        Vec::new()
    } else {
        texts(dialect, title)
    };
    let text = if fits { title } else { NEUTRAL };
    let buttons: Vec<Value> = buttons.iter().map(button).collect();
    messages.push(template_message(
        &json!({"template_type": "button", "text": text, "buttons": buttons}),
    ));
    messages
}

/// Elements of three buttons, ten to a carousel. The whole question goes ahead as text when
/// an element cannot hold it.
fn carousel(dialect: &Dialect, title: &str, buttons: &[Shown<'_>]) -> Vec<Message> {
    let short = TextUnit::Utf16.length(title) <= ELEMENT_TITLE && !title.trim().is_empty();
    let mut messages = if short {
        Vec::new()
    } else {
        texts(dialect, title)
    };
    let heading = if short {
        words::one_line(title)
    } else {
        NEUTRAL.to_owned()
    };
    let elements: Vec<Value> = buttons
        .chunks(3)
        .map(|three| {
            let buttons: Vec<Value> = three.iter().map(button).collect();
            json!({"title": heading, "buttons": buttons})
        })
        .collect();
    messages.extend(
        elements
            .chunks(10)
            .map(|ten| template_message(&json!({"template_type": "generic", "elements": ten}))),
    );
    messages
}
