//! Options (`channels.md` §6): up to three buttons, or lists of ten rows; a lone link as its
//! own button, other links written into the words.

use super::{part, plain, texts};
use crate::channels::meta::options::{NEUTRAL, Shown, line, shown, with_lines};
use crate::channels::meta::words;
use domain::message::{OptionList, TextUnit, clean_text, shorten, unique_labels};
use domain::ports::{Part, RenderContext};
use serde_json::{Value, json};

/// The longest label of a button, and of the button that opens a list.
const BUTTON: usize = 20;
/// The longest label of a row, and of what may stand below it.
const ROW: usize = 24;
const ROW_DESCRIPTION: usize = 72;
/// The most buttons of a message and rows of a list.
const BUTTONS: usize = 3;
const ROWS: usize = 10;
/// The longest words above buttons. One of Meta's pages says 4096 for lists; this is safe.
const BODY: usize = 1024;
/// What the button says that opens a list.
const OPEN_LIST: &str = "Ver opciones";

/// The tenant's words for it, cut to what fits.
fn open_list(context: &RenderContext) -> String {
    let own = context.settings.list_button.as_deref().unwrap_or_default();
    let short = shorten(&words::one_line(own), TextUnit::Utf16, BUTTON);
    if short.trim().is_empty() {
        return OPEN_LIST.to_owned();
    }
    short
}

/// The question with its answers.
pub(super) fn parts(list: &OptionList, context: &RenderContext) -> Vec<Part> {
    let (all, mut lines) = shown(list, &context.choice_prefix, BUTTON);
    let title = plain::plain(&words::prefixed(&context.prefix, &list.title));
    if let ([only], []) = (all.as_slice(), lines.as_slice())
        && let Some(url) = only.url
    {
        let action = json!({
            "name": "cta_url",
            "parameters": {"display_text": only.label, "url": url},
        });
        let (mut parts, body) = above(&title);
        parts.push(interactive("cta_url", &body, &action));
        return parts;
    }
    for option in &all {
        lines.extend(option.url.map(|url| line(&option.full, url)));
    }
    let title = with_lines(&title, &lines);
    let replies: Vec<&Shown<'_>> = all.iter().filter(|o| o.url.is_none()).collect();
    if replies.is_empty() {
        return texts(&title);
    }
    let (mut parts, body) = above(&title);
    if replies.len() <= BUTTONS {
        let buttons: Vec<Value> = replies
            .iter()
            .map(|o| json!({"type": "reply", "reply": {"id": o.id, "title": o.label}}))
            .collect();
        parts.push(interactive("button", &body, &json!({ "buttons": buttons })));
        return parts;
    }
    let full: Vec<&str> = replies.iter().map(|o| o.full.as_str()).collect();
    let labels = unique_labels(&full, TextUnit::Utf16, ROW);
    let rows: Vec<Value> = replies
        .iter()
        .zip(&labels)
        .map(|(option, label)| row(option, label))
        .collect();
    for (index, ten) in rows.chunks(ROWS).enumerate() {
        let body = if index == 0 { body.as_str() } else { NEUTRAL };
        parts.push(interactive(
            "list",
            body,
            &json!({
                "button": open_list(context),
                "sections": [{"rows": ten}],
            }),
        ));
    }
    parts
}

/// A row; the full label stands below when it was cut.
fn row(option: &Shown<'_>, label: &str) -> Value {
    let mut row = json!({"id": option.id, "title": label});
    if option.full != label && !option.full.is_empty() {
        row["description"] = json!(shorten(&option.full, TextUnit::Utf16, ROW_DESCRIPTION));
    }
    row
}

/// The words above the buttons; those too long go ahead as text.
fn above(title: &str) -> (Vec<Part>, String) {
    let title = clean_text(title);
    if title.trim().is_empty() {
        return (Vec::new(), NEUTRAL.to_owned());
    }
    if TextUnit::Utf16.length(&title) > BODY {
        return (texts(&title), NEUTRAL.to_owned());
    }
    (Vec::new(), title)
}

fn interactive(kind: &str, body: &str, action: &Value) -> Part {
    part(
        "interactive",
        json!({"type": kind, "body": {"text": body}, "action": action}),
    )
}
