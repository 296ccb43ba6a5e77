//! Cutting long texts into pieces that a platform takes, in the platform's own unit.

use std::collections::HashSet;
use unicode_segmentation::UnicodeSegmentation;

/// How a platform counts the length of a text (`channels.md` §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextUnit {
    /// Unicode scalar values (WhatsApp, Messenger).
    Characters,
    /// UTF-16 code units (Telegram).
    Utf16,
    /// UTF-8 bytes (Instagram).
    Bytes,
}

impl TextUnit {
    /// The length of `text` in this unit.
    #[must_use]
    pub fn length(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }

    fn of(self, c: char) -> usize {
        match self {
            Self::Characters => 1,
            Self::Utf16 => c.len_utf16(),
            Self::Bytes => c.len_utf8(),
        }
    }
}

/// `text` without NUL and the other control characters, which platforms refuse or swallow.
/// Line breaks (made `\n`) and tabs stay.
#[must_use]
pub fn clean_text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => clean.push('\n'),
            '\n' | '\t' => clean.push(c),
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean
}

/// Cuts `text` into pieces of at most `limit` units, to be sent one after the other.
///
/// A piece ends at the last blank line, line break or end of a sentence in the second half of
/// what fits, else at the last space, else between two graphemes: never inside a surrogate
/// pair, and inside an emoji or an address only where that alone is longer than `limit`.
/// Control characters are dropped and pieces are trimmed; nothing else is lost. A text without
/// anything visible gives no piece, because every platform refuses it. A `limit` smaller than
/// one character is exceeded rather than losing the character.
#[must_use]
pub fn split_text(text: &str, unit: TextUnit, limit: usize) -> Vec<String> {
    let clean = clean_text(text);
    let mut pieces = Vec::new();
    let mut rest = clean.trim();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cut(rest, unit, limit));
        let piece = piece.trim();
        if !is_blank(piece) {
            pieces.push(piece.to_owned());
        }
        rest = after.trim_start();
    }
    pieces
}

/// `text` on one line of at most `limit` units, cut between two graphemes with «…» at the end
/// where it is longer. For labels; empty when there is nothing to show.
#[must_use]
pub fn shorten(text: &str, unit: TextUnit, limit: usize) -> String {
    let clean = clean_text(text);
    // A label far longer than any limit need not be read to its end.
    let line = clean
        .split_whitespace()
        .scan(0_usize, |units, word| {
            let fits = *units <= limit;
            *units += unit.length(word) + 1;
            fits.then_some(word)
        })
        .collect::<Vec<_>>()
        .join(" ");
    let end = window(&line, unit, limit);
    if end == line.len() {
        return line;
    }
    let dots = unit.of('…');
    let Some(room) = limit.checked_sub(dots).filter(|room| *room > 0) else {
        return String::new();
    };
    let end = window(&line, unit, room);
    let kept = line.get(..grapheme_cut(&line, end)).unwrap_or_default();
    format!("{}…", kept.trim_end())
}

/// Every label cut by [`shorten`], and told apart by a number (2, 3 …) where two read the same
/// after cutting, whatever their case. A label without anything to show becomes its place in
/// the list, counted from 1.
#[must_use]
pub fn unique_labels(labels: &[&str], unit: TextUnit, limit: usize) -> Vec<String> {
    let mut taken = HashSet::new();
    labels
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let mut base = shorten(label, unit, limit);
            if is_blank(&base) {
                base = (index + 1).to_string();
            }
            let mut unique = base.clone();
            let mut number = 2_usize;
            while !taken.insert(unique.to_lowercase()) {
                let tail = format!(" {number}");
                let room = limit.saturating_sub(unit.length(&tail));
                unique = format!("{}{tail}", shorten(&base, unit, room));
                number += 1;
            }
            unique
        })
        .collect()
}

/// Nothing that a reader would see. Platforms call such a text empty.
fn is_blank(text: &str) -> bool {
    text.chars().all(is_invisible)
}

fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// The byte where the first `limit` units of `text` end; at least one character in.
fn window(text: &str, unit: TextUnit, limit: usize) -> usize {
    let mut units = 0_usize;
    for (at, c) in text.char_indices() {
        units += unit.of(c);
        if units > limit && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Where to end the first piece of `text`, which does not begin with white space.
///
/// Only the window is looked at, so that the whole split takes linear time: a cut at an early
/// space leaves a window without spaces, which is then used up whole.
fn cut(text: &str, unit: TextUnit, limit: usize) -> usize {
    let end = window(text, unit, limit);
    if end == text.len() {
        return end;
    }
    let breaks = Breaks::of(text, end);
    let late = |at: &Option<usize>| at.is_some_and(|at| at >= end / 2);
    [breaks.blank_line, breaks.line, breaks.sentence]
        .into_iter()
        .find(late)
        .flatten()
        .or(breaks.space)
        .unwrap_or_else(|| {
            let at = grapheme_cut(text, end);
            address_start(text, at).unwrap_or(at)
        })
}

/// The last places of each kind where a piece may end.
#[derive(Default)]
struct Breaks {
    blank_line: Option<usize>,
    line: Option<usize>,
    sentence: Option<usize>,
    space: Option<usize>,
}

impl Breaks {
    /// Looks for them up to and including the byte `end`: a space right behind the window may
    /// be left out.
    fn of(text: &str, end: usize) -> Self {
        let mut found = Self::default();
        let mut line = None;
        let mut before = '\0';
        for (at, c) in text.char_indices().take_while(|(at, _)| *at <= end) {
            // A no-break space is there to hold two words together.
            if c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}') {
                found.space = Some(at);
                if matches!(before, '.' | '!' | '?' | '…' | '。' | '！' | '？') {
                    found.sentence = Some(at);
                }
            }
            if c == '\n' {
                found.blank_line = line.or(found.blank_line);
                found.line = Some(at);
                line = Some(at);
            } else if !c.is_whitespace() {
                line = None;
            }
            // A closing quote or bracket belongs to the sentence it ends.
            if !matches!(c, '"' | '\'' | '»' | '”' | '’' | ')' | ']') {
                before = c;
            }
        }
        found
    }
}

/// The last boundary between graphemes at or before `end`; `end` itself where the grapheme
/// alone is longer.
fn grapheme_cut(text: &str, end: usize) -> usize {
    // Whether two characters belong together is decided by what stands before them and the
    // one character after: no need to look further.
    let next = text.get(end..).and_then(|rest| rest.chars().next());
    let seen = text
        .get(..end + next.map_or(0, char::len_utf8))
        .unwrap_or(text);
    seen.grapheme_indices(true)
        .map(|(at, grapheme)| at + grapheme.len())
        .take_while(|boundary| *boundary <= end)
        .last()
        .unwrap_or(end)
}

/// Where the web address begins that a cut at `at` would go through; `None` if there is none,
/// or if it begins with the text and so has to be cut.
fn address_start(text: &str, at: usize) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"');
    if text.get(at..)?.starts_with(ends) {
        return None;
    }
    let before = text.get(..at)?;
    let word = before.rfind(ends).map_or(0, |i| {
        i + before
            .get(i..)
            .and_then(|s| s.chars().next())
            .map_or(0, char::len_utf8)
    });
    // A cut inside `https://` itself must be seen too, hence the scheme is looked for in what
    // follows the cut as well.
    let reach = text
        .get(word..)?
        .char_indices()
        .map(|(i, _)| word + i)
        .find(|i| *i >= at + "https://".len())
        .unwrap_or(text.len());
    let seen = text.get(word..reach)?.to_ascii_lowercase();
    ["https://", "http://"]
        .iter()
        .filter_map(|scheme| seen.find(scheme))
        .min()
        .map(|i| word + i)
        .filter(|start| *start > 0 && *start < at)
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
