//! `reply_markup`: keyboards, checked and turned into what the phone shows.

use serde_json::Value;

use super::errors::BotApiError;
use crate::phone::shown::{Button, ButtonAction};

/// Checks a keyboard; `remove_keyboard` and `force_reply` show nothing.
pub fn buttons(markup: Option<&Value>) -> Result<Vec<Button>, BotApiError> {
    let Some(markup) = markup else {
        return Ok(Vec::new());
    };
    if let Some(rows) = markup["inline_keyboard"].as_array() {
        return keyboard(rows, inline);
    }
    if let Some(rows) = markup["keyboard"].as_array() {
        return keyboard(rows, plain);
    }
    if markup["remove_keyboard"] == true || markup["force_reply"] == true {
        return Ok(Vec::new());
    }
    Err(BotApiError::bad("object expected as reply markup"))
}

fn keyboard(
    rows: &[Value],
    make: fn(&Value, usize) -> Result<Button, BotApiError>,
) -> Result<Vec<Button>, BotApiError> {
    let mut buttons = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let row = row.as_array().ok_or_else(|| {
            BotApiError::bad("can't parse inline keyboard button: Array of Arrays expected")
        })?;
        for button in row {
            buttons.push(make(button, number)?);
        }
    }
    if buttons.len() > 100 {
        return Err(BotApiError::bad("reply markup is too long"));
    }
    Ok(buttons)
}

fn title(button: &Value) -> Result<String, BotApiError> {
    button["text"]
        .as_str()
        .or_else(|| button.as_str())
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
        .ok_or_else(|| {
            BotApiError::bad("can't parse inline keyboard button: Text must be non-empty")
        })
}

fn inline(button: &Value, row: usize) -> Result<Button, BotApiError> {
    let title = title(button)?;
    let made = |id: &str, action, url| Button {
        id: id.to_owned(),
        title: title.clone(),
        description: None,
        action,
        url,
        row,
    };
    match (button["callback_data"].as_str(), button["url"].as_str()) {
        (Some(data), None) if !data.is_empty() && data.len() <= 64 => {
            Ok(made(data, ButtonAction::Callback, None))
        }
        (Some(_), None) => Err(BotApiError::bad("BUTTON_DATA_INVALID")),
        (None, Some(url)) if url.starts_with("http") || url.starts_with("tg://") => {
            Ok(made(url, ButtonAction::Url, Some(url.to_owned())))
        }
        (None, Some(_)) => Err(BotApiError::bad("BUTTON_URL_INVALID")),
        _ => Err(BotApiError::bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        )),
    }
}

fn plain(button: &Value, row: usize) -> Result<Button, BotApiError> {
    let title = title(button)?;
    Ok(Button {
        id: title.clone(),
        title,
        description: None,
        action: ButtonAction::Keyboard,
        url: None,
        row,
    })
}
