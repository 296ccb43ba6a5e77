//! How something looked before or after a change, without its secrets.

use serde::Serialize;
use serde_json::{Map, Value};

/// In the place of what is nobody's business.
const HIDDEN: &str = "[secret]";
/// Fields whose names contain one of these hold secrets. Credentials themselves cannot get here,
/// since they cannot be serialised; this is for documents that people fill in freely.
const TELLING: [&str; 8] = [
    "secret",
    "token",
    "password",
    "passwd",
    "credential",
    "authorization",
    "api_key",
    "apikey",
];
/// A longer text is cut in the log, in characters.
const LONGEST: usize = 2000;

/// How something looked, without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Recorded(Value);

impl Recorded {
    /// Of anything that can be stored openly. Fields with telling names are hidden, and so are
    /// passwords and parameters in addresses. What cannot be serialised is empty.
    #[must_use]
    pub fn of(thing: &impl Serialize) -> Self {
        let mut value = openly(thing);
        shorten(&mut value);
        Self(value)
    }

    /// Where another one differs from it, leaf by leaf.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        differences(Some(&self.0), Some(&other.0))
    }
}

/// A document without what is secret in it, whole otherwise. What cannot be serialised is empty.
pub(in crate::store) fn openly(thing: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(thing).unwrap_or_default();
    hide(&mut value);
    value
}

fn shorten(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::String(text) => {
            if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(cut);
                text.push('…');
            }
        }
        _ => {}
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                let name = name.to_lowercase().replace('-', "_");
                if TELLING.iter().any(|t| name.contains(t)) && !value.is_null() {
                    *value = HIDDEN.into();
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::String(text) => {
            if let Some(shorter) = without_secrets(text) {
                *text = shorter;
            }
        }
        _ => {}
    }
}

/// An address without password and parameters, if it is one that has any.
fn without_secrets(text: &str) -> Option<String> {
    let mut url = url::Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut touched = false;
    if url.password().is_some() || !url.username().is_empty() {
        touched = url.set_password(None).is_ok() & url.set_username("").is_ok();
    }
    if url.query().is_some() {
        url.set_query(Some("…"));
        touched = true;
    }
    touched.then(|| url.to_string().replace("?%E2%80%A6", "?…"))
}

/// Both sides without what is the same on both.
pub(super) fn differing(
    was: Option<Recorded>,
    became: Option<Recorded>,
) -> (Option<Value>, Option<Value>) {
    match (was, became) {
        (Some(Recorded(was)), Some(Recorded(became))) => {
            let (was, became) = prune(was, became);
            (Some(was), Some(became))
        }
        (was, became) => (was.map(|s| s.0), became.map(|s| s.0)),
    }
}

fn prune(was: Value, became: Value) -> (Value, Value) {
    let (Value::Object(was), Value::Object(mut became)) = (&was, became.clone()) else {
        return (was, became);
    };
    let mut left = Map::new();
    for (name, old) in was {
        match became.remove(name) {
            Some(new) if new == *old => {}
            Some(new) => {
                let (old, new) = prune(old.clone(), new);
                left.insert(name.clone(), old);
                became.insert(name.clone(), new);
            }
            None => {
                left.insert(name.clone(), old.clone());
            }
        }
    }
    (Value::Object(left), Value::Object(became))
}

/// One place in which two snapshots differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The names on the way to it, outermost first; numbers of list places from 1.
    pub path: Vec<String>,
    /// How it was; nothing for what is new.
    pub was: Option<String>,
    /// How it is now; nothing for what is gone.
    pub became: Option<String>,
}

/// The differences between two documents, leaf by leaf, in the order of their names.
pub(super) fn differences(was: Option<&Value>, became: Option<&Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(was, became, &mut Vec::new(), &mut found);
    found
}

fn walk(
    was: Option<&Value>,
    became: Option<&Value>,
    path: &mut Vec<String>,
    found: &mut Vec<Difference>,
) {
    let (was, became) = (inside(was), inside(became));
    if was == became {
        return;
    }
    let names = names(was, became);
    if names.is_empty() {
        found.push(Difference {
            path: path.clone(),
            was: was.and_then(words),
            became: became.and_then(words),
        });
        return;
    }
    for (name, old, new) in names {
        path.push(name);
        walk(old, new, path, found);
        path.pop();
    }
}

/// `null` and an empty list say as much as nothing.
fn inside(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| match v {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    })
}

type Inner<'a> = Vec<(String, Option<&'a Value>, Option<&'a Value>)>;

/// What lies inside both, by name; nothing when one of them is a leaf.
fn names<'a>(was: Option<&'a Value>, became: Option<&'a Value>) -> Inner<'a> {
    let is_map = |v: Option<&Value>| v.is_none_or(Value::is_object);
    let is_list = |v: Option<&Value>| {
        v.is_none_or(|v| {
            v.as_array()
                .is_some_and(|items| items.iter().any(|i| i.is_object() || i.is_array()))
        })
    };
    if is_map(was) && is_map(became) {
        let (old, new) = (
            was.and_then(Value::as_object),
            became.and_then(Value::as_object),
        );
        let mut keys: Vec<&String> = old.into_iter().chain(new).flat_map(Map::keys).collect();
        keys.sort_unstable();
        keys.dedup();
        let at = |map: Option<&'a Map<String, Value>>, key: &str| map.and_then(|m| m.get(key));
        keys.into_iter()
            .map(|key| (key.clone(), at(old, key), at(new, key)))
            .collect()
    } else if is_list(was) && is_list(became) {
        let (old, new) = (
            was.and_then(Value::as_array),
            became.and_then(Value::as_array),
        );
        let longest = old.map_or(0, Vec::len).max(new.map_or(0, Vec::len));
        (0..longest)
            .map(|i| {
                let at = |list: Option<&'a Vec<Value>>| list.and_then(|l| l.get(i));
                ((i + 1).to_string(), at(old), at(new))
            })
            .collect()
    } else {
        Vec::new()
    }
}

/// A leaf in words: a list of plain values is written with commas.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let words: Vec<String> = items.iter().filter_map(words).collect();
            Some(words.join(", "))
        }
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_secret_gets_into_the_log() {
        let document = json!({
            "bot_url": "https://user:hunter2@bot.test/hook?key=hunter2#x",
            "metadata": {"API-Key": "hunter2", "Authorization": "hunter2", "list": [{"accessToken": "hunter2"}]},
            "password": {"nested": "hunter2"}, "client_secret": ["hunter2"], "credentials": "hunter2",
            "text": "escríbenos a https://bot.test/ayuda", "empty_token": null,
        });
        let kept = Recorded::of(&document).0.to_string();
        assert!(!kept.contains("hunter2"), "{kept}");
        assert!(kept.contains("https://bot.test/hook?…"), "{kept}");
        assert!(
            kept.contains("escríbenos a https://bot.test/ayuda"),
            "{kept}"
        );
    }

    #[test]
    fn only_what_differs_is_kept() {
        let was = Recorded::of(&json!({"a": 1, "b": {"c": 1, "d": 2}, "gone": true}));
        let became = Recorded::of(&json!({"a": 1, "b": {"c": 1, "d": 3}, "new": "x"}));
        let (was, became) = differing(Some(was), Some(became));
        assert_eq!(was, Some(json!({"b": {"d": 2}, "gone": true})));
        assert_eq!(became, Some(json!({"b": {"d": 3}, "new": "x"})));
    }

    #[test]
    fn differences_are_told_leaf_by_leaf() {
        let was =
            json!({"texts": {"goodbye": "Adiós"}, "words": ["a", "b"], "days": [{"open": [9]}]});
        let became = json!({"texts": {"goodbye": "Chao"}, "words": ["a"], "days": [{"open": [8]}, {"open": []}]});
        let found = differences(Some(&was), Some(&became));
        let lines: Vec<_> = found
            .iter()
            .map(|d| format!("{}: {:?} {:?}", d.path.join("/"), d.was, d.became))
            .collect();
        let expected = [
            r#"days/1/open: Some("9") Some("8")"#,
            r#"days/2/open: None Some("")"#,
            r#"texts/goodbye: Some("Adiós") Some("Chao")"#,
            r#"words: Some("a, b") Some("a")"#,
        ];
        // An empty list says as much as nothing.
        let expected: Vec<_> = expected
            .into_iter()
            .filter(|l| !l.starts_with("days/2"))
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_very_long_text_is_cut() {
        let kept = Recorded::of(&json!({"text": "ñ".repeat(5000)})).0;
        assert_eq!(
            kept["text"].as_str().unwrap_or_default().chars().count(),
            2001
        );
    }
}
