//! Let's Talk's dates: `2019-10-04T14:37:22.000+0000` mostly, `…Z` in places.

use domain::time::Timestamp;
use serde_json::Value;

/// Reads a date in any of the spellings seen; a bare number is seconds, or milliseconds when it
/// would lie beyond the year 5000 otherwise.
#[must_use]
pub fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => written(text.trim()),
        Value::Number(number) => {
            let number = number.as_i64()?;
            Some(if number > 100_000_000_000 {
                Timestamp(number)
            } else {
                Timestamp::from_seconds(number)
            })
        }
        _ => None,
    }
}

fn written(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>()
        .or_else(|_| jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text))
        .ok()
        .map(|t| Timestamp(t.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_documented_spellings_are_the_same_instant() {
        let expected = Some(Timestamp(1_570_199_842_000));
        for text in [
            "2019-10-04T14:37:22.000+0000",
            "2019-10-04T14:37:22.000Z",
            "2019-10-04T14:37:22Z",
            "2019-10-04T11:37:22-03:00",
            "2019-10-04T11:37:22.000-0300",
        ] {
            assert_eq!(instant(&json!(text)), expected, "{text}");
        }
        assert_eq!(instant(&json!(1_570_199_842)), expected);
        assert_eq!(instant(&json!(1_570_199_842_000_i64)), expected);
    }

    #[test]
    fn nonsense_is_no_date() {
        assert_eq!(instant(&json!("yesterday")), None);
        assert_eq!(instant(&json!({})), None);
    }
}
