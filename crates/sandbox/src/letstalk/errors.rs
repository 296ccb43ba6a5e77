//! How the platform says no. Only 401, 403 and 404 are documented; the bodies are assumed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Bad credentials: unknown or revoked key, wrong consumer.
    #[error("bad credentials")]
    Unauthorized,
    /// The address is blocked, or the key's owner may not do this.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// It does not exist, or not for this key.
    #[error("not found")]
    NotFound,
    /// The body cannot be read.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// A field is missing or has a value that is not accepted.
    #[error("{field} {problem}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl Refusal {
    /// A missing field.
    pub(crate) fn missing(field: &'static str) -> Self {
        Self::Invalid {
            field,
            problem: "can't be blank",
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let body = match self {
            Self::Invalid { field, problem } => json!({ "errors": { *field: [problem] } }),
            other => json!({ "error": other.to_string() }),
        };
        HttpResponse::build(self.status_code()).json(body)
    }
}
