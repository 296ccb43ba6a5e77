//! `parse_mode`: from marked-up text to plain text and entities, counted in UTF-16 units.

use serde_json::{Value, json};

use super::errors::BotApiError;

/// Plain text with its entities.
#[derive(Debug, Clone, PartialEq)]
pub struct Formatted {
    /// What the user reads.
    pub text: String,
    /// Formatting spans.
    pub entities: Vec<Value>,
}

/// Length in UTF-16 units, Telegram's measure.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Applies a parse mode; without one the given entities are kept.
pub fn format(
    text: &str,
    mode: Option<&str>,
    given: Option<Value>,
) -> Result<Formatted, BotApiError> {
    match mode.map(str::to_ascii_lowercase).as_deref() {
        None | Some("") => Ok(Formatted {
            text: text.to_owned(),
            entities: given
                .and_then(|it| it.as_array().cloned())
                .unwrap_or_default(),
        }),
        Some("html") => html(text),
        Some("markdownv2") => markdown(text, true),
        Some("markdown") => markdown(text, false),
        Some(_) => Err(BotApiError::bad("unsupported parse_mode")),
    }
}

struct Builder {
    text: String,
    length: usize,
    entities: Vec<Value>,
}

impl Builder {
    fn new() -> Self {
        Builder {
            text: String::new(),
            length: 0,
            entities: Vec::new(),
        }
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.length += c.len_utf16();
    }

    fn close(&mut self, kind: &str, from: usize, url: Option<&str>) {
        if self.length > from {
            let mut entity = json!({"type": kind, "offset": from, "length": self.length - from});
            if let Some(url) = url {
                entity["url"] = url.into();
            }
            self.entities.push(entity);
        }
    }

    fn done(mut self) -> Formatted {
        self.entities
            .sort_by_key(|entity| entity["offset"].as_u64().unwrap_or(0));
        Formatted {
            text: self.text,
            entities: self.entities,
        }
    }
}

fn unparsable(why: impl AsRef<str>) -> BotApiError {
    BotApiError::bad(format!("can't parse entities: {}", why.as_ref()))
}

fn html(source: &str) -> Result<Formatted, BotApiError> {
    let mut out = Builder::new();
    let mut open: Vec<(String, &'static str, usize, Option<String>)> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let offset = source.len() - rest.len();
        match c {
            '<' => {
                let end = rest.find('>').ok_or_else(|| {
                    unparsable(format!("Unclosed start tag at byte offset {offset}"))
                })?;
                let tag = rest.get(1..end).unwrap_or_default();
                rest = rest.get(end + 1..).unwrap_or_default();
                if let Some(name) = tag.strip_prefix('/') {
                    let name = name.trim().to_ascii_lowercase();
                    match open.pop() {
                        Some((opened, kind, from, url)) if opened == name => {
                            out.close(kind, from, url.as_deref());
                        }
                        _ => {
                            return Err(unparsable(format!(
                                "Unexpected end tag at byte offset {offset}"
                            )));
                        }
                    }
                } else {
                    let name = tag
                        .split([' ', '\n'])
                        .next()
                        .unwrap_or_default()
                        .to_ascii_lowercase();
                    let kind = tag_kind(&name).ok_or_else(|| {
                        unparsable(format!(
                            "Unsupported start tag \"{name}\" at byte offset {offset}"
                        ))
                    })?;
                    let url = tag
                        .split_once("href=")
                        .map(|(_, url)| unescape(url.trim().trim_matches(['"', '\''])));
                    open.push((name, kind, out.length, url));
                }
            }
            '&' => {
                let (character, used) = reference(rest);
                out.push(character);
                rest = rest.get(used..).unwrap_or_default();
            }
            c => {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    match open.pop() {
        Some((name, ..)) => Err(unparsable(format!(
            "Can't find end tag corresponding to start tag \"{name}\""
        ))),
        None => Ok(out.done()),
    }
}

fn tag_kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "a" => "text_link",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        "tg-spoiler" | "span" => "spoiler",
        _ => return None,
    })
}

/// A character reference at the head of the text, and its length in bytes.
fn reference(text: &str) -> (char, usize) {
    for (name, character) in [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&amp;", '&'),
        ("&quot;", '"'),
    ] {
        if text.starts_with(name) {
            return (character, name.len());
        }
    }
    ('&', 1)
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

fn markdown(source: &str, second: bool) -> Result<Formatted, BotApiError> {
    let marks: &[(&str, &'static str)] = if second {
        &[
            ("```", "pre"),
            ("__", "underline"),
            ("||", "spoiler"),
            ("`", "code"),
            ("*", "bold"),
            ("_", "italic"),
            ("~", "strikethrough"),
        ]
    } else {
        &[
            ("```", "pre"),
            ("`", "code"),
            ("*", "bold"),
            ("_", "italic"),
        ]
    };
    let mut out = Builder::new();
    let mut open: Vec<(&str, &'static str, usize)> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let offset = source.len() - rest.len();
        if c == '\\' && rest.len() > 1 {
            let escaped = rest
                .get(1..)
                .and_then(|it| it.chars().next())
                .unwrap_or('\\');
            if escaped.is_ascii() {
                out.push(escaped);
                rest = rest.get(2..).unwrap_or_default();
                continue;
            }
        }
        let inside_code = open
            .last()
            .is_some_and(|(_, kind, _)| matches!(*kind, "code" | "pre"));
        let mark = marks.iter().find(|(mark, kind)| {
            rest.starts_with(mark)
                && (!inside_code || open.last().is_some_and(|last| last.1 == *kind))
        });
        if let Some((mark, kind)) = mark {
            rest = rest.get(mark.len()..).unwrap_or_default();
            match open.iter().rposition(|(_, have, _)| have == kind) {
                Some(at) if at + 1 == open.len() => {
                    if let Some((_, kind, from)) = open.pop() {
                        out.close(kind, from, None);
                    }
                }
                Some(_) => {
                    return Err(unparsable(format!(
                        "Can't find end of {kind} entity at byte offset {offset}"
                    )));
                }
                None => open.push((mark, kind, out.length)),
            }
            continue;
        }
        if c == '['
            && !inside_code
            && let Some((label, url, used)) = link(rest)
        {
            let from = out.length;
            label
                .chars()
                .filter(|c| *c != '\\')
                .for_each(|c| out.push(c));
            out.close("text_link", from, Some(url));
            rest = rest.get(used..).unwrap_or_default();
            continue;
        }
        if second && !inside_code && c != '>' && RESERVED.contains(c) {
            return Err(unparsable(format!(
                "Character '{c}' is reserved and must be escaped with the preceding '\\'"
            )));
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    match open.pop() {
        Some((_, kind, from)) => Err(unparsable(format!(
            "Can't find end of the entity {kind} starting at offset {from}"
        ))),
        None => Ok(out.done()),
    }
}

/// `[label](url)` at the head of the text: label, url, length in bytes.
fn link(text: &str) -> Option<(&str, &str, usize)> {
    let middle = text.find("](")?;
    let end = text.get(middle..)?.find(')')? + middle;
    Some((text.get(1..middle)?, text.get(middle + 2..end)?, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_and_entities_in_utf16_units() {
        let formatted =
            html("😀 <b>¡Hola, <i>Ana</i>!</b> 1 &lt; 2 <a href=\"https://e.org\">aquí</a>")
                .unwrap();
        assert_eq!(formatted.text, "😀 ¡Hola, Ana! 1 < 2 aquí");
        assert_eq!(
            formatted.entities[0],
            json!({"type": "bold", "offset": 3, "length": 11})
        );
        assert_eq!(formatted.entities[2]["url"], "https://e.org");
    }

    #[test]
    fn broken_markup_is_refused() {
        for text in ["<b>x", "<b>x</i>", "<blink>x</blink>", "a < b"] {
            let error = html(text).unwrap_err();
            assert!(error.description.contains("can't parse entities"), "{text}");
        }
        assert!(markdown("1. uno", true).is_err());
        assert!(markdown("*x", true).is_err());
        assert_eq!(
            markdown("*a* _b_ 1\\. uno", true).unwrap().text,
            "a b 1. uno"
        );
        assert_eq!(markdown("uno. *dos*", false).unwrap().text, "uno. dos");
    }
}
