//! What a page answers when it cannot do what was asked.

use super::html;
use super::shell::Shell;
use crate::extract::Visitor;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError};
use adapters::ingest::IngestError;
use adapters::password::PasswordError;
use adapters::signed_link::LinkError;
use adapters::store::StoreError;
use askama::Template;

/// What a page answers when it cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Nothing here, or nothing of this tenant.
    #[error("not found")]
    NotFound,
    /// A signed link that opened once.
    #[error("expired")]
    Expired,
    /// The member's role does not allow it.
    #[error("forbidden")]
    Forbidden,
    /// Nobody is logged in.
    #[error("not logged in")]
    SignIn {
        /// Where to go on afterwards.
        next: String,
    },
    /// The form does not come from one of our pages, or the page was too old.
    #[error("form refused")]
    Forged,
    /// The form is too large.
    #[error("too large")]
    TooLarge,
    /// Passing: try again.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Our fault.
    #[error("broken: {0}")]
    Broken(String),
}

/// Marks a response whose body the middleware still has to write.
#[derive(Clone, Copy)]
struct Unwritten(&'static str);

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            e if e.is_transient() => Self::Unavailable(e.to_string()),
            e => Self::Broken(e.to_string()),
        }
    }
}

impl From<IngestError> for PageError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Store(error) => error.into(),
            IngestError::Busy => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<LinkError> for PageError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Expired => Self::Expired,
            LinkError::Refused => Self::NotFound,
        }
    }
}

impl From<PasswordError> for PageError {
    fn from(error: PasswordError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl PageError {
    fn key(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Expired => "expired",
            Self::Forbidden => "forbidden",
            Self::SignIn { .. } | Self::Forged => "forged",
            Self::TooLarge => "too-large",
            Self::Unavailable(_) => "unavailable",
            Self::Broken(_) => "broken",
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Expired => StatusCode::GONE,
            Self::Forbidden | Self::Forged => StatusCode::FORBIDDEN,
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::SignIn { next } = self {
            let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            let to = format!("/login?next={next}");
            return HttpResponse::SeeOther()
                .insert_header((header::LOCATION, to))
                .finish();
        }
        if matches!(self, Self::Unavailable(_) | Self::Broken(_)) {
            tracing::error!(error = %self, "page failed");
        }
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(Unwritten(self.key()));
        response
    }
}

/// Answers for addresses that nobody knows.
pub async fn not_found() -> Result<HttpResponse, PageError> {
    Err(PageError::NotFound)
}

#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    pub s: Shell,
    pub title: String,
    pub text: String,
    pub retry: bool,
    pub request_id: Option<String>,
}

/// Writes the page of a [`PageError`], in the visitor's language and theme.
///
/// # Errors
/// Those of the inner service.
pub async fn write(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let Some(Unwritten(key)) = response.response().extensions().get().copied() else {
        return Ok(response);
    };
    let status = response.status();
    let request = response.request().clone();
    let Some(visitor) = Visitor::of(&request) else {
        return Ok(response);
    };
    let id = request
        .extensions()
        .get::<tracing_actix_web::RequestId>()
        .map(ToString::to_string);
    let page = ErrorPage {
        title: visitor.lang.t(&format!("error-{key}")),
        text: visitor.lang.t(&format!("error-{key}-text")),
        retry: status.is_server_error(),
        request_id: id.filter(|_| status.is_server_error()),
        s: Shell::without_session(&visitor),
    };
    Ok(response.into_response(html(status, &page)))
}
