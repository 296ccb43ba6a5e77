//! Reading JSON whose every field may be missing, or a number where a string was promised
//! (`channels.md` §10.27 and §10.28). Nothing here can fail: what does not fit is not there.

pub use crate::json::parse;
use domain::time::Timestamp;
use serde_json::Value;

/// Lenient access to the fields of an object.
pub trait Lenient {
    /// The field, unless absent or null.
    fn child(&self, key: &str) -> Option<&Value>;

    /// The field as an id: text or whole number, never empty.
    fn id(&self, key: &str) -> Option<String>;

    /// The field as text, exactly as written; `None` when empty.
    fn text(&self, key: &str) -> Option<&str>;

    /// The field as a whole number, written as number or as text.
    fn whole(&self, key: &str) -> Option<i64>;

    /// The field as a decimal number, written as number or as text; never infinite.
    fn decimal(&self, key: &str) -> Option<f64>;

    /// Whether the field is true; anything else is no.
    fn flag(&self, key: &str) -> bool;

    /// The elements of a list; a lone object counts as a list of one, anything else as empty.
    fn items(&self, key: &str) -> &[Value];
}

impl Lenient for Value {
    fn child(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|v| !v.is_null())
    }

    fn id(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
            _ => None,
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str().filter(|t| !t.is_empty())
    }

    fn whole(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Number(number) => number.as_i64().or_else(|| {
                #[allow(clippy::cast_possible_truncation)] // saturates, which is what we want
                number.as_f64().map(|n| n as i64)
            }),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn decimal(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|n| n.is_finite())
    }

    fn flag(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(true))
    }

    fn items(&self, key: &str) -> &[Value] {
        match self.get(key) {
            Some(Value::Array(list)) => list,
            Some(object @ Value::Object(_)) => std::slice::from_ref(object),
            _ => &[],
        }
    }
}

/// Writes JSON the way Meta does: everything beyond ASCII as lower-case `\uXXXX`, so that a
/// bot that re-escapes before it checks the signature sees the same bytes.
#[must_use]
pub fn to_escaped_bytes(value: &Value) -> Vec<u8> {
    let text = value.to_string();
    let mut out = String::with_capacity(text.len());
    let mut units = [0_u16; 2];
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out.into_bytes()
}

/// An instant from a number of unknown unit: WhatsApp sends seconds as a string, Messenger and
/// Instagram milliseconds as a number, and samples disagree. Below 10¹¹ it must be seconds
/// (as milliseconds that would be before March 1973).
#[must_use]
pub fn instant(number: i64) -> Timestamp {
    if number.unsigned_abs() < 100_000_000_000 {
        Timestamp::from_seconds(number)
    } else {
        Timestamp(number)
    }
}

/// The instant in a field, if there is one.
#[must_use]
pub fn instant_at(value: &Value, key: &str) -> Option<Timestamp> {
    value.whole(key).map(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_is_lower_case_and_reads_back() {
        let value = serde_json::json!({"a": "ä😀"});
        let bytes = to_escaped_bytes(&value);
        assert_eq!(bytes, br#"{"a":"\u00e4\ud83d\ude00"}"#);
        assert_eq!(parse(&bytes).unwrap(), value);
    }

    #[test]
    fn seconds_and_milliseconds_are_told_apart() {
        assert_eq!(instant(1_790_000_000), Timestamp(1_790_000_000_000));
        assert_eq!(instant(1_790_000_000_123), Timestamp(1_790_000_000_123));
        assert_eq!(instant(i64::MIN), Timestamp(i64::MIN));
    }
}
