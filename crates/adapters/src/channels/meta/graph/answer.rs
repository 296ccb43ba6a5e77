//! An answer of the Graph API and what it means.

use super::error::GraphError;
use super::{Effect, cleaned};
use domain::outbound::{Failure, SendError, ThrottleScope};
use serde_json::Value;
use std::time::Duration;

/// The most bytes of an answer that are read.
pub const LONGEST_ANSWER: usize = 1 << 20;

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// How long we are asked to wait.
    pub retry_after: Option<Duration>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON, unless it is none.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        crate::json::parse(&self.body).ok()
    }

    /// The error told, or made from the status; `None` for a success. A 200 may hold one too.
    #[must_use]
    pub fn error(&self) -> Option<GraphError> {
        let told = self
            .json()
            .and_then(|body| GraphError::told(self.status, &body));
        if told.is_none() && (200..300).contains(&self.status) {
            return None;
        }
        Some(told.unwrap_or_else(|| GraphError::bare(self.status)))
    }

    /// The body of a success, or the error as the table judges it.
    ///
    /// # Errors
    /// A success that cannot be read is ambiguous, and so is any 5xx: behind a gateway the
    /// message may have gone out.
    pub fn judged(
        &self,
        judge: fn(&GraphError) -> Failure,
        effect: Effect,
    ) -> Result<Value, SendError> {
        let Some(error) = self.error() else {
            return self.json().ok_or_else(|| unreadable(effect));
        };
        tracing::warn!(
            code = error.code,
            subcode = error.subcode,
            status = error.status,
            trace = error.trace.as_deref(),
            "the Graph API refused a request"
        );
        Err(SendError {
            failure: self.waiting(judge(&error)),
            ambiguous: effect == Effect::Says && self.status >= 500,
            code: Some(error.label()),
            detail: cleaned(&error.words()),
        })
    }

    /// The failure with the wait the platform asked for; its own word beats the table's.
    fn waiting(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Transient { retry_after } => Failure::Transient {
                retry_after: self.retry_after.or(retry_after),
            },
            Failure::Throttled { scope, retry_after } => Failure::Throttled {
                scope,
                retry_after: self.retry_after.or(retry_after),
            },
            other => other,
        }
    }
}

fn unreadable(effect: Effect) -> SendError {
    let why = "the platform's answer could not be read";
    match effect {
        Effect::Says => SendError::ambiguous(why),
        Effect::Repeatable => SendError::clear(Failure::Transient { retry_after: None }, why),
    }
}

/// A throttle of the whole line, waiting `minutes` if the platform says nothing.
#[must_use]
pub(crate) fn line_throttle(minutes: Option<u64>) -> Failure {
    Failure::Throttled {
        scope: ThrottleScope::Connection,
        retry_after: minutes.map(|m| Duration::from_secs(m * 60)),
    }
}
