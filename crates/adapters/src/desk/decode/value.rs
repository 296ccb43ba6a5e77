//! Tolerant look-ups in JSON.

use serde_json::Value;

/// What lies at `path`; `null` counts as missing.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    let found = path.iter().try_fold(value, |v, key| v.get(key))?;
    (!found.is_null()).then_some(found)
}

/// An integer, also written as a string or with a zero fraction.
pub(crate) fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| {
            let float = n.as_f64()?;
            // Ids are far below 2^53, where every integer has an exact float.
            (float.fract() == 0.0 && float.abs() < 9.0e15).then_some(float as i64)
        }),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// The first of several places that holds an integer.
pub(crate) fn first_int(value: &Value, paths: &[&[&str]]) -> Option<i64> {
    paths.iter().find_map(|p| int(at(value, p)?))
}

/// The first of several places that holds words.
pub(crate) fn first_text<'a>(value: &'a Value, paths: &[&[&str]]) -> Option<&'a str> {
    paths.iter().find_map(|p| {
        let text = at(value, p)?.as_str()?;
        (!text.trim().is_empty()).then_some(text)
    })
}

/// A yes or no; `None` for anything that is neither.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => n.as_i64().map(|n| n != 0),
        Value::String(s) => match s.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_read_from_numbers_and_strings() {
        for (value, expected) in [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!(" 7 "), Some(7)),
            (json!(7.0), Some(7)),
            (json!(7.5), None),
            (json!("seven"), None),
            (json!(null), None),
            (json!([7]), None),
        ] {
            assert_eq!(int(&value), expected, "{value}");
        }
    }

    #[test]
    fn an_odd_flag_is_neither_yes_nor_no() {
        assert_eq!(flag(&json!("perhaps")), None);
        assert_eq!(flag(&json!("TRUE")), Some(true));
        assert_eq!(flag(&json!(0)), Some(false));
    }
}
