//! What can be tapped under a message of the bot.

use domain::message::{OptionAction, OptionItem};
use serde_json::Value;

/// The buttons of an inline or a reply keyboard, in reading order.
pub(super) fn items(markup: &Value) -> Vec<OptionItem> {
    let rows = markup
        .get("inline_keyboard")
        .or_else(|| markup.get("keyboard"))
        .and_then(Value::as_array);
    rows.into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(item)
        .take(100)
        .collect()
}

fn item(button: &Value) -> Option<OptionItem> {
    let label = button
        .as_str()
        .or_else(|| button.get("text").and_then(Value::as_str))
        .filter(|label| !label.is_empty())?
        .to_owned();
    let address = button
        .get("url")
        .or_else(|| button.get("web_app").and_then(|app| app.get("url")))
        .and_then(Value::as_str);
    let action = match address {
        Some(url) => OptionAction::Link {
            url: url.to_owned(),
        },
        None => OptionAction::Reply {
            message: label.clone(),
        },
    };
    Some(OptionItem { label, action })
}
