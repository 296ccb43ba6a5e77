//! WhatsApp reads `*bold*`, `_italic_`, `~strike~` and backticks in every text and has no
//! escape. What an agent types is meant literally, so an invisible U+200B after the opening
//! mark keeps it from becoming markup. Addresses and lone marks are left alone.

/// The text with its marks made harmless.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let characters: Vec<char> = line.chars().collect();
        for (at, &mark) in characters.iter().enumerate() {
            out.push(mark);
            if matches!(mark, '*' | '_' | '~' | '`') && opens(&characters, at) {
                out.push('\u{200b}');
            }
        }
    }
    out
}

/// Whether the mark at `at` opens markup: at the start of a word, followed by something, with
/// the same mark at the end of a word later on the line.
fn opens(line: &[char], at: usize) -> bool {
    let Some(&mark) = line.get(at) else {
        return false;
    };
    let edge = |c: Option<&char>| c.is_none_or(|c| !c.is_alphanumeric());
    let before = at.checked_sub(1).and_then(|i| line.get(i));
    let after = line.get(at + 1);
    if !edge(before) || after.is_none_or(|c| c.is_whitespace() || *c == '\u{200b}') {
        return false;
    }
    let word: String = line
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|c| !c.is_whitespace())
        .collect();
    if word.contains("//:") {
        return false; // inside an address, read backwards
    }
    let rest = line.get(at + 2..).unwrap_or_default();
    rest.iter().enumerate().any(|(i, &c)| {
        let previous = line.get(at + 1 + i);
        c == mark && previous.is_some_and(|p| !p.is_whitespace()) && edge(rest.get(i + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn markup_is_shown_as_typed() {
        for (typed, sent) in [
            ("*bold* word", "*\u{200b}bold* word"),
            ("a _b_, c", "a _\u{200b}b_, c"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("snake_case_name", "snake_case_name"),
            ("https://example.org/_a_/b", "https://example.org/_a_/b"),
            ("lone *star", "lone *star"),
            ("ends with *", "ends with *"),
            ("*", "*"),
        ] {
            assert_eq!(plain(typed), sent, "{typed}");
            assert_eq!(plain(sent), sent, "a second time changes nothing: {typed}");
        }
    }
}
