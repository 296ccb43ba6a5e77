//! Reading a multipart form that is at hand: texts whole, of files only name and type.

use super::params::Upload;

/// Forms with more parts are nobody's.
const MOST_PARTS: usize = 200;

/// One part of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The field's name.
    pub field: String,
    /// Its text; empty for a file.
    pub text: String,
    /// The file's name and type, if it is one.
    pub upload: Option<Upload>,
}

/// The parts of a form; `None` where it is none.
pub(super) fn parse(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let boundary = parameter(content_type, "boundary").filter(|b| !b.is_empty())?;
    let first = format!("--{boundary}");
    let next = format!("\r\n--{boundary}");
    let mut rest = body.get(find(body, first.as_bytes())? + first.len()..)?;
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, next.as_bytes())?;
        parts.push(part(rest.get(..end)?)?);
        if parts.len() > MOST_PARTS {
            return None;
        }
        rest = rest.get(end + next.len()..)?;
    }
    Some(parts)
}

fn part(bytes: &[u8]) -> Option<Part> {
    let (head, content) = if let Some(content) = bytes.strip_prefix(b"\r\n") {
        (&b""[..], content)
    } else {
        let end = find(bytes, b"\r\n\r\n")?;
        (bytes.get(..end)?, bytes.get(end + 4..)?)
    };
    let head = String::from_utf8_lossy(head);
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition")?;
    let field = parameter(&disposition, "name")?;
    let mime =
        header("content-type").map(|m| m.split(';').next().unwrap_or_default().trim().to_owned());
    match parameter(&disposition, "filename") {
        Some(name) => Some(Part {
            text: String::new(),
            upload: Some(Upload {
                field: field.clone(),
                name: Some(name).filter(|n| !n.is_empty()),
                mime,
            }),
            field,
        }),
        None => Some(Part {
            field,
            text: String::from_utf8_lossy(content).into_owned(),
            upload: None,
        }),
    }
}

/// A parameter of a header, quoted or not.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, tail) = match after.strip_prefix('"') {
            Some(quoted) => {
                let mut value = String::new();
                let mut characters = quoted.char_indices();
                let mut end = quoted.len();
                while let Some((at, c)) = characters.next() {
                    match c {
                        '"' => {
                            end = at + 1;
                            break;
                        }
                        '\\' => value.extend(characters.next().map(|(_, c)| c)),
                        c => value.push(c),
                    }
                }
                (value, quoted.get(end..).unwrap_or_default())
            }
            None => {
                let end = after.find(';').unwrap_or(after.len());
                let (value, tail) = after.split_at(end);
                (value.trim().to_owned(), tail)
            }
        };
        if name
            .trim()
            .trim_start_matches(';')
            .trim()
            .eq_ignore_ascii_case(wanted)
        {
            return Some(value);
        }
        rest = tail.trim_start().strip_prefix(';').unwrap_or(tail);
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    // Boundaries begin with a rare byte, so most positions fail at once.
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(step) = haystack.get(from..)?.iter().position(|b| *b == first) {
        let at = from + step;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_files_are_told_apart() {
        let body = b"preamble--X\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n\
            --X\r\nContent-Type: image/png\r\ncontent-disposition: form-data; name=photo; filename=\"a \\\"b\\\";c.png\"\r\n\r\n\x89PNG\r\n\r\n--\r\n--X--\r\n";
        let parts = parse("multipart/form-data; charset=x; boundary=\"X\"", body).unwrap();
        assert_eq!(parts[0].field, "chat_id");
        assert_eq!(parts[0].text, "42");
        let upload = parts[1].upload.as_ref().unwrap();
        assert_eq!(upload.name.as_deref(), Some("a \"b\";c.png"));
        assert_eq!(upload.mime.as_deref(), Some("image/png"));
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn a_form_that_breaks_off_is_none() {
        let whole: &[u8] = b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--";
        assert!(parse("multipart/form-data; boundary=X", whole).is_some());
        for cut in 0..whole.len() - 2 {
            let kind = "multipart/form-data; boundary=X";
            assert!(parse(kind, &whole[..cut]).is_none(), "{cut}");
        }
        for kind in ["multipart/form-data", "multipart/form-data; boundary=", ""] {
            assert!(parse(kind, whole).is_none());
        }
    }
}
