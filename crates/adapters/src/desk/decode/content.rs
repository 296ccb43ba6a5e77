//! What an agent wrote: words, a file, or options.

use super::Unreadable;
use super::attachment::{address, attachment};
use super::value::{at, first_text};
use domain::desk::DeskContent;
use domain::message::{OptionAction, OptionItem, OptionList};
use serde_json::Value;

/// The content of a message object.
pub(super) fn content(data: &Value) -> Result<DeskContent, Unreadable> {
    let content_type = first_text(data, &[&["content_type"]]).unwrap_or("text/plain");
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let content = at(data, &["content"]);
    match essence.as_str() {
        // Posted as `actionable/list` with a string, told as `application/json` with an object.
        "actionable/list" | "application/json" => structured(content, address(data).is_some())
            .map_or_else(|| file_or_words(data, content, content_type), Ok),
        "text/plain" | "text/html" | "text" => words(data, content, content_type),
        _ => Ok(DeskContent::File(attachment(data, content_type))),
    }
}

/// Words, unless the words are only the placeholder of a file that came along.
fn words(
    data: &Value,
    content: Option<&Value>,
    content_type: &str,
) -> Result<DeskContent, Unreadable> {
    let text = content.map(plain).unwrap_or_default();
    let placeholder = matches!(text.trim(), "" | "attachment");
    if placeholder && address(data).is_some() {
        return Ok(DeskContent::File(attachment(data, content_type)));
    }
    if text.trim().is_empty() {
        return Err(Unreadable("content is empty"));
    }
    Ok(DeskContent::Text(text))
}

fn file_or_words(
    data: &Value,
    content: Option<&Value>,
    content_type: &str,
) -> Result<DeskContent, Unreadable> {
    if address(data).is_some() {
        return Ok(DeskContent::File(attachment(data, content_type)));
    }
    words(data, content, content_type)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Options from an object or from a string that holds one.
fn structured(content: Option<&Value>, has_file: bool) -> Option<DeskContent> {
    let parsed;
    let object = match content? {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text).ok()?;
            &parsed
        }
        other => other,
    };
    let title = first_text(object, &[&["title"]]).map(str::trim);
    let items: Vec<OptionItem> = at(object, &["items"])
        .and_then(Value::as_array)
        .map(|items| items.iter().filter_map(item).collect())
        .unwrap_or_default();
    match (title, items.is_empty()) {
        (Some(title), true) if !has_file => Some(DeskContent::Text(title.to_owned())),
        (_, true) => None,
        (title, false) => Some(DeskContent::Options(OptionList {
            // Documented as required; every channel needs something above its buttons.
            title: title.unwrap_or("…").to_owned(),
            items,
        })),
    }
}

/// One item; without a label there is nothing to show.
fn item(item: &Value) -> Option<OptionItem> {
    let label = first_text(item, &[&["payload", "label"], &["label"]])?.trim();
    let url = first_text(item, &[&["payload", "url"], &["url"]]);
    let action = match url {
        Some(url) => OptionAction::Link {
            url: url.trim().to_owned(),
        },
        None => OptionAction::Reply {
            message: first_text(item, &[&["payload", "message"], &["message"]])
                .unwrap_or(label)
                .to_owned(),
        },
    };
    Some(OptionItem {
        label: label.to_owned(),
        action,
    })
}
