//! Texts on their way out and in: what no platform takes is removed, what is too long is cut.

use domain::message::{Attachment, TextUnit, clean_text, shorten};

/// The text on one line, without control characters.
#[must_use]
pub fn one_line(text: &str) -> String {
    clean_text(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
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

/// Words, and below them the file by name with the address that opens it: for a file that the
/// platform takes in no form.
#[must_use]
pub fn with_link(attachment: &Attachment, words: &str, link: Option<&str>) -> String {
    let stored = attachment.stored.as_ref().map(|file| file.name.as_str());
    let name = stored.or(attachment.name.as_deref()).and_then(file_name);
    let named = link.and(name).map(|name| format!("📎 {name}"));
    let lines = [words, named.as_deref().unwrap_or(""), link.unwrap_or("")];
    let lines: Vec<&str> = lines.into_iter().filter(|l| !l.trim().is_empty()).collect();
    lines.join("\n")
}

/// A file name without path separators and control characters; `None` if nothing is left.
#[must_use]
pub fn file_name(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let base = one_line(base);
    let base = shorten(base.trim_start_matches('.'), TextUnit::Bytes, 200);
    (!base.is_empty()).then_some(base)
}

/// A MIME type without parameters, in lower case; `None` if it is not one.
#[must_use]
pub fn mime(told: &str) -> Option<String> {
    let bare = told.split(';').next().unwrap_or_default().trim();
    (bare.contains('/') && bare.is_ascii()).then(|| bare.to_ascii_lowercase())
}
