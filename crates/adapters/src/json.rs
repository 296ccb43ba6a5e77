//! JSON that is not quite JSON: programs that cut a text in the middle of an emoji write half of it.

use serde_json::Value;

/// Parses what somebody else wrote. Half emoji (`\ud83d` alone) and broken UTF-8 inside one message
/// must not lose a whole batch: they are replaced by U+FFFD and the text is read again.
///
/// # Errors
/// What the parser says about a body that is not JSON.
pub fn parse(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).or_else(|first| {
        let repaired = repair(&String::from_utf8_lossy(body));
        serde_json::from_str(&repaired).map_err(|_| first.to_string())
    })
}

/// Replaces every `\uXXXX` that is half of a surrogate pair by `\ufffd`.
pub(crate) fn repair(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(unit) = escaped_unit(rest) else {
            // Any other escape: copy the backslash and the character it escapes.
            let length = rest.chars().take(2).map(char::len_utf8).sum();
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        };
        let (escape, after) = rest.split_at(6);
        let pair = (0xD800..0xDC00).contains(&unit)
            && escaped_unit(after).is_some_and(|low| (0xDC00..0xE000).contains(&low));
        if pair {
            out.push_str(&rest[..12]);
            rest = &rest[12..];
        } else {
            let lone = (0xD800..0xE000).contains(&unit);
            out.push_str(if lone { "\\ufffd" } else { escape });
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit that `text` begins with as `\uXXXX`.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        u16::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_emoji_does_not_lose_the_body() {
        let body = br#"{"a":"\ud83d","b":"\ud83d\ude00","c":"\\ud83d","d":"\u00e4"}"#;
        let value = parse(body).unwrap();
        assert_eq!(value["a"], "\u{fffd}");
        assert_eq!(value["b"], "😀");
        assert_eq!(value["c"], "\\ud83d");
        assert_eq!(value["d"], "ä");
    }

    #[test]
    fn broken_utf8_does_not_lose_the_body() {
        assert_eq!(parse(b"{\"a\":\"x\xff\"}").unwrap()["a"], "x\u{fffd}");
        assert!(parse(b"\\").is_err());
        assert!(parse(b"\"\\u12").is_err());
    }
}
