//! The parameters of a call, from wherever the platform reads them: query, JSON, form, multipart.
//! Repeated names stay repeated, because platforms differ in which one they take.

use super::multipart;
use super::request::BotRequest;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// A file that came along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Upload {
    /// The name of its field.
    pub field: String,
    /// The file's name.
    pub name: Option<String>,
    /// Its MIME type without parameters.
    pub mime: Option<String>,
}

/// The parameters of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Params {
    values: Vec<(String, Value)>,
    pub(super) uploads: Vec<Upload>,
}

/// The body is not what its type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// A name came with two different values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ambiguous;

impl Params {
    /// Reads query and body.
    pub(super) fn of(request: &BotRequest) -> Result<Self, Unreadable> {
        let mut params = Self::default();
        params.form(request.query.as_bytes());
        if request.body.is_empty() {
            return Ok(params);
        }
        // As Telegram's server does: the type is recognised wherever it stands in the header.
        let told = request.content_type().to_ascii_lowercase();
        if told.contains("multipart/form-data") {
            let parts =
                multipart::parse(request.content_type(), &request.body).ok_or(Unreadable)?;
            for part in parts {
                match part.upload {
                    Some(upload) => params.uploads.push(upload),
                    None => params.push(part.field, Value::String(part.text)),
                }
            }
        } else if told.contains("application/x-www-form-urlencoded") {
            params.form(&request.body);
        } else if told.contains("json") || request.body.trim_ascii_start().starts_with(b"{") {
            let mut reader = serde_json::Deserializer::from_slice(&request.body);
            let Pairs(pairs) =
                serde::Deserialize::deserialize(&mut reader).map_err(|_| Unreadable)?;
            reader.end().map_err(|_| Unreadable)?;
            params.values.extend(pairs);
        }
        Ok(params)
    }

    fn form(&mut self, bytes: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(bytes) {
            self.push(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn push(&mut self, name: String, value: Value) {
        self.values.push((name, value));
    }

    /// The value of a name that must not be told twice differently.
    pub(super) fn only(&self, name: &str) -> Result<Option<&Value>, Ambiguous> {
        let mut found: Option<&Value> = None;
        for (_, value) in self
            .values
            .iter()
            .filter(|(n, v)| n == name && !v.is_null())
        {
            match found {
                Some(known) if plain(known) != plain(value) => return Err(Ambiguous),
                _ => found = Some(value),
            }
        }
        Ok(found)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(n, v)| n == name && !v.is_null())
            .map(|(_, v)| v)
    }

    /// A text or number, as text; not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(plain).filter(|t| !t.is_empty())
    }

    /// An object or list, also when it came as JSON inside a text.
    pub(super) fn node(&self, name: &str) -> Option<Value> {
        self.get(name).map(unpacked)
    }

    /// Whether a name was given at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All of it as one object, the first of repeated names winning; texts that hold JSON objects
    /// or lists are opened.
    pub(super) fn object(&self) -> Value {
        let mut map = serde_json::Map::new();
        for (name, value) in &self.values {
            map.entry(name.clone()).or_insert_with(|| unpacked(value));
        }
        Value::Object(map)
    }
}

/// A text, number or truth value as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn unpacked(value: &Value) -> Value {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        other => other.clone(),
    }
}

/// The fields of a JSON object in order, repeated ones repeated.
struct Pairs(Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Pairs;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str, kind: &str, body: &str) -> Result<Params, Unreadable> {
        Params::of(&BotRequest {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.to_owned().into(),
        })
    }

    #[test]
    fn every_way_to_pass_a_parameter_is_read() {
        let multipart =
            "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n--b--\r\n";
        let ways = [
            of("chat_id=7", "", ""),
            of("", "application/json; charset=utf-8", r#"{"chat_id":7}"#),
            of("", "application/json", r#"{"chat_id":"7"}"#),
            of("", "application/x-www-form-urlencoded", "chat_id=7"),
            of("", "multipart/form-data; boundary=b", multipart),
            of("", "", r#"{"chat_id":7}"#),
        ];
        for way in ways {
            assert_eq!(way.unwrap().text("chat_id").as_deref(), Some("7"));
        }
    }

    #[test]
    fn a_name_told_twice_differently_is_noticed() {
        let same = of("chat_id=7", "application/json", r#"{"chat_id":7}"#).unwrap();
        assert!(same.only("chat_id").is_ok());
        for body in [r#"{"chat_id":8}"#, r#"{"chat_id":7,"chat_id":9}"#] {
            let two = of("chat_id=7", "application/json", body).unwrap();
            assert_eq!(two.only("chat_id"), Err(Ambiguous));
        }
    }

    #[test]
    fn what_is_not_what_it_says_is_unreadable() {
        for (kind, body) in [
            ("application/json", "{"),
            ("application/json", "[1]"),
            ("application/json", "{} x"),
            ("multipart/form-data", "x"),
            ("multipart/form-data; boundary=b", "no boundary here"),
        ] {
            assert!(of("", kind, body).is_err(), "{kind} {body}");
        }
    }
}
