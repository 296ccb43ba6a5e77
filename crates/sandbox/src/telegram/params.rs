//! The parameters of a call: JSON, form, query or multipart, all the same afterwards.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::Bytes;
use serde_json::{Map, Value};

use super::errors::BotApiError;
use crate::form::{self, Part};

/// The parameters of one call.
#[derive(Debug, Clone, Default)]
pub struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Part>,
}

impl Params {
    /// From a JSON object, such as a call inside a webhook's answer.
    pub fn from_object(values: Map<String, Value>) -> Self {
        Params {
            values,
            files: HashMap::new(),
        }
    }

    /// Reads a request; body parameters win over the query.
    pub async fn read(request: &HttpRequest, body: Bytes) -> Result<Self, BotApiError> {
        let mut params = Params::default();
        params.pairs(request.query_string().as_bytes());
        let mime = request
            .headers()
            .get("Content-Type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if form::is_multipart(request) {
            let parts = form::parts(request, body)
                .await
                .map_err(|why| BotApiError::bad(format!("can't parse multipart form: {why}")))?;
            for part in parts {
                if part.filename.is_some() {
                    params.files.insert(part.name.clone(), part);
                } else {
                    params.values.insert(part.name.clone(), part.text().into());
                }
            }
        } else if mime.starts_with("application/x-www-form-urlencoded") {
            params.pairs(&body);
        } else if !body.iter().all(u8::is_ascii_whitespace) {
            let value: Value = serde_json::from_slice(&body)
                .map_err(|_| BotApiError::bad("can't parse JSON object"))?;
            let Value::Object(object) = value else {
                return Err(BotApiError::bad("object expected as JSON"));
            };
            params.values.extend(object);
        }
        Ok(params)
    }

    fn pairs(&mut self, text: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(text) {
            self.values
                .insert(name.into_owned(), value.into_owned().into());
        }
    }

    /// An uploaded file.
    pub fn file(&self, name: &str) -> Option<&Part> {
        self.files.get(name)
    }

    /// Text; numbers become text as well.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A whole number, also written as text.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number, also written as text.
    pub fn float(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A flag; forms write it as text.
    pub fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// A structure; forms and queries carry it as JSON text.
    pub fn structure(&self, name: &str) -> Result<Option<Value>, BotApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| BotApiError::bad(format!("can't parse {name} JSON object"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// Whether the parameter is there at all.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.files.contains_key(name)
    }
}
