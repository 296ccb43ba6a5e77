//! What went wrong, as `application/problem+json` (RFC 9457).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use adapters::ingest::IngestError;
use adapters::store::StoreError;
use serde_json::json;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error("The Authorization header holds no living API key.")]
    Unauthorized,
    #[error("There is nothing here, or nothing of yours.")]
    NotFound,
    #[error("A POST needs an Idempotency-Key of 1 to 255 visible ASCII characters.")]
    KeyMissing,
    #[error("This Idempotency-Key belongs to another request.")]
    KeyReused,
    #[error("The first request with this Idempotency-Key is still being worked on.")]
    InProgress,
    #[error("{0}")]
    Query(&'static str),
    #[error("{0}")]
    Body(String),
    #[error("{detail}")]
    Refused {
        status: u16,
        code: &'static str,
        detail: &'static str,
    },
    #[error("Too many calls with this key.")]
    TooMany { seconds: u64 },
    #[error("Come back in a moment: nothing was done.")]
    Unavailable,
}

impl Problem {
    /// A body that cannot be taken, in words.
    pub(super) fn body(why: impl Into<String>) -> Self {
        Self::Body(why.into())
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::KeyMissing => "idempotency_key_missing",
            Self::KeyReused => "idempotency_key_reused",
            Self::InProgress => "in_progress",
            Self::Query(_) => "invalid_query",
            Self::Body(_) => "invalid_body",
            Self::Refused { code, .. } => code,
            Self::TooMany { .. } => "too_many_requests",
            Self::Unavailable => "unavailable",
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::KeyMissing | Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::KeyReused | Self::Body(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::InProgress => StatusCode::CONFLICT,
            Self::Refused { status, .. } => {
                StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST)
            }
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let body = json!({
            "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(),
            "code": self.code(), "detail": self.to_string(),
        });
        let mut response = HttpResponse::build(status);
        response.content_type("application/problem+json");
        let wait = match self {
            Self::TooMany { seconds } => Some(*seconds),
            Self::InProgress => Some(1),
            Self::Unavailable => Some(2),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.insert_header(("retry-after", seconds.to_string()));
        }
        if *self == Self::Unauthorized {
            response.insert_header(("www-authenticate", "Bearer"));
        }
        response.body(body.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            other => {
                tracing::error!(error = %other, "an API call met the store's refusal");
                Self::Unavailable
            }
        }
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Busy => Self::Unavailable,
            IngestError::Store(error) => error.into(),
        }
    }
}
