//! Refusals of the Bot API, in the words of its server.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{description}")]
pub struct BotApiError {
    /// `error_code`, also the HTTP status.
    pub code: u16,
    /// The text clients match on.
    pub description: String,
    /// `parameters.retry_after`, seconds.
    pub retry_after: Option<u64>,
}

impl BotApiError {
    fn new(code: u16, description: String) -> Self {
        BotApiError {
            code,
            description,
            retry_after: None,
        }
    }

    /// 400.
    pub fn bad(why: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", why.as_ref()))
    }

    /// 403.
    pub fn forbidden(why: &str) -> Self {
        Self::new(403, format!("Forbidden: {why}"))
    }

    /// 401: the token is wrong or was revoked.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized".to_owned())
    }

    /// 404: no such method.
    pub fn no_method() -> Self {
        Self::new(404, "Not Found: method not found".to_owned())
    }

    /// 404: the path is not even a bot's.
    pub fn not_found() -> Self {
        Self::new(404, "Not Found".to_owned())
    }

    /// 409.
    pub fn conflict(why: &str) -> Self {
        Self::new(409, format!("Conflict: {why}"))
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(413, "Request Entity Too Large".to_owned())
    }

    /// 429.
    pub fn slow_down(seconds: u64) -> Self {
        BotApiError {
            code: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            retry_after: Some(seconds),
        }
    }

    /// The envelope as an HTTP answer.
    pub fn answer(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::BAD_REQUEST);
        let mut body = json!({
            "ok": false, "error_code": self.code, "description": self.description,
        });
        let mut answer = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({"retry_after": seconds});
            answer.insert_header(("Retry-After", seconds.to_string()));
        }
        answer.json(body)
    }
}

/// What a method answers: the result, and sometimes a description besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// `result`.
    pub result: Value,
    /// `description`, such as "Webhook was set".
    pub description: Option<&'static str>,
}

impl From<Value> for Done {
    fn from(result: Value) -> Self {
        Done {
            result,
            description: None,
        }
    }
}

impl Done {
    /// The envelope.
    pub fn body(&self) -> Value {
        let mut body = json!({"ok": true, "result": self.result});
        if let Some(description) = self.description {
            body["description"] = description.into();
        }
        body
    }
}

/// Result of every method.
pub type Answer = Result<Done, BotApiError>;
