//! Texts on their way out and in: what no platform takes is removed, what is too long is cut.

use domain::message::{TextUnit, split_text};
use unicode_segmentation::UnicodeSegmentation;

/// The text without control characters; line breaks become `\n`, tabs stay.
#[must_use]
pub fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\r' | '\u{2028}' | '\u{2029}' => '\n',
            other => other,
        })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

/// The text on one line, without control characters.
#[must_use]
pub fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The pieces in which a text goes out; none if there is nothing to say.
#[must_use]
pub fn pieces(text: &str, unit: TextUnit, limit: usize) -> Vec<String> {
    let text = clean(text);
    if text.trim().is_empty() {
        return Vec::new();
    }
    split_text(&text, unit, limit)
        .into_iter()
        .filter(|piece| !piece.trim().is_empty())
        .collect()
}

/// The words with what is put before them, e.g. the agent's name.
#[must_use]
pub fn prefixed(prefix: &str, text: &str) -> String {
    let ends_open = prefix.ends_with(char::is_whitespace);
    match (prefix.trim().is_empty(), text.trim().is_empty()) {
        (true, _) | (_, true) => text.to_owned(),
        _ if ends_open => format!("{prefix}{text}"),
        _ if prefix.ends_with(':') => format!("{prefix} {text}"),
        _ => format!("{prefix}: {text}"),
    }
}

/// The text cut to `limit` units at a grapheme, with `…` in place of what is missing.
#[must_use]
pub fn cut(text: &str, unit: TextUnit, limit: usize) -> String {
    if unit.length(text) <= limit {
        return text.to_owned();
    }
    let ellipsis = "…";
    let room = limit.saturating_sub(unit.length(ellipsis));
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += unit.length(grapheme);
        if used > room {
            break;
        }
        kept.push_str(grapheme);
    }
    if unit.length(ellipsis) > limit {
        return kept;
    }
    format!("{}{ellipsis}", kept.trim_end())
}

/// Labels cut to `limit` and told apart: a label that is there already gets a number. An empty
/// one becomes its number.
#[must_use]
pub fn labels<'a>(
    labels: impl Iterator<Item = &'a str>,
    unit: TextUnit,
    limit: usize,
) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for (index, label) in labels.enumerate() {
        let label = one_line(label);
        let label = if label.is_empty() {
            (index + 1).to_string()
        } else {
            label
        };
        let mut candidate = cut(&label, unit, limit);
        let mut number = 2_usize;
        while taken.contains(&candidate) {
            let suffix = format!(" {number}");
            let room = limit.saturating_sub(unit.length(&suffix));
            candidate = format!("{}{suffix}", cut(&label, unit, room));
            number += 1;
        }
        taken.push(candidate);
    }
    taken
}

/// A file name without path separators and control characters; `None` if nothing is left.
#[must_use]
pub fn file_name(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let base = one_line(base);
    let base = cut(base.trim_start_matches('.'), TextUnit::Bytes, 200);
    (!base.is_empty()).then_some(base)
}

/// A MIME type without parameters, in lower case; `None` if it is not one.
#[must_use]
pub fn mime(told: &str) -> Option<String> {
    let bare = told.split(';').next().unwrap_or_default().trim();
    (bare.contains('/') && bare.is_ascii()).then(|| bare.to_ascii_lowercase())
}
