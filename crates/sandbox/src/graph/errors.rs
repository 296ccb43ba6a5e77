//! Graph API refusals: one envelope for all three channels.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::phone::ids;

/// A refusal as Graph writes it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct GraphError {
    /// HTTP status.
    pub status: u16,
    /// Graph's `code`, which decides what went wrong.
    pub code: i64,
    /// `error_subcode`, Messenger and Instagram mostly.
    pub subcode: Option<i64>,
    /// English text for developers.
    pub message: String,
    /// WhatsApp's `error_data.details`.
    pub details: Option<String>,
}

impl GraphError {
    /// A refusal with a code.
    pub fn new(status: u16, code: i64, message: impl Into<String>) -> Self {
        GraphError {
            status,
            code,
            subcode: None,
            message: message.into(),
            details: None,
        }
    }

    /// Adds a subcode.
    pub fn with_subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// A WhatsApp refusal: `(#code) title` with details.
    pub fn whatsapp(code: i64, title: &str, details: impl Into<String>) -> Self {
        let mut error = GraphError::new(400, code, format!("(#{code}) {title}"));
        error.details = Some(details.into());
        error
    }

    /// A bad parameter: code 100.
    pub fn parameter(message: impl AsRef<str>) -> Self {
        GraphError::new(400, 100, format!("(#100) {}", message.as_ref()))
    }

    /// The object is absent or hidden from this token: code 100, subcode 33.
    pub fn missing_object(method: &str, id: &str) -> Self {
        GraphError::new(
            400,
            100,
            format!(
                "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation",
                method.to_lowercase()
            ),
        )
        .with_subcode(33)
    }

    /// No token at all.
    pub fn no_token() -> Self {
        GraphError::new(
            401,
            104,
            "An access token is required to request this resource.",
        )
    }

    /// A dead or unknown token.
    pub fn bad_token(subcode: Option<i64>, message: &str) -> Self {
        let mut error = GraphError::new(401, 190, message);
        error.subcode = subcode;
        error
    }

    /// The token lacks a permission.
    pub fn permission(scope: &str) -> Self {
        GraphError::new(
            403,
            200,
            format!("(#200) Requires {scope} permission to manage the object"),
        )
    }

    /// The envelope.
    pub fn body(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": format!("A{}", ids::token(22)),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        json!({ "error": error })
    }

    /// The element of a failed status's `errors[]`.
    pub fn status_entry(&self) -> Value {
        let title = self
            .message
            .split_once(") ")
            .map_or(self.message.as_str(), |(_, title)| title);
        json!({
            "code": self.code,
            "title": title,
            "message": title,
            "error_data": {"details": self.details.as_deref().unwrap_or(title)},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        })
    }
}

impl ResponseError for GraphError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        if self.status == 401 {
            answer.insert_header((
                "WWW-Authenticate",
                "OAuth \"Facebook Platform\" \"invalid_token\"",
            ));
        }
        answer.json(self.body())
    }
}
