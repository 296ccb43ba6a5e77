//! Words as a person reads them, without the marks of `parse_mode`.

/// The words without marks. What is not well formed stays as it is: Telegram will refuse it.
pub(super) fn read(text: &str, mode: Option<&str>) -> String {
    match mode.map(str::to_ascii_lowercase).as_deref() {
        Some("html") => html(text),
        Some("markdownv2") => markdown(text),
        _ => text.to_owned(),
    }
}

/// Tags go, the four entities Telegram knows become characters.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('<') {
            match rest.find('>') {
                Some(end) => rest = &rest[end + 1..],
                None => break,
            }
            continue;
        }
        let known = [
            ("&lt;", '<'),
            ("&gt;", '>'),
            ("&amp;", '&'),
            ("&quot;", '"'),
        ];
        match known.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, c)) => {
                out.push(*c);
                rest = &rest[name.len()..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Backslashes before punctuation go; marks stay, they are readable.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let escapes = c == '\\' && characters.peek().is_some_and(char::is_ascii_punctuation);
        if escapes {
            out.extend(characters.next());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_not_read_aloud() {
        let table = [
            (
                "<b>Hola</b> &amp; <a href=\"x\">más</a> 1 &lt; 2",
                "HTML",
                "Hola & más 1 < 2",
            ),
            ("a & b &nbsp; <roto", "html", "a & b &nbsp; <roto"),
            ("Son 3\\.50\\!", "MarkdownV2", "Son 3.50!"),
            ("<b>tal cual</b>", "", "<b>tal cual</b>"),
            ("ñ&", "HTML", "ñ&"),
        ];
        for (text, mode, read_as) in table {
            assert_eq!(read(text, Some(mode)), read_as);
        }
    }
}
