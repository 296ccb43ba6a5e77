//! The error envelope (`channels.md` §1.4) and the codes that mean the same everywhere.

use super::answer::line_throttle;
use crate::channels::meta::json::Lenient;
use crate::channels::meta::words;
use domain::message::TextUnit;
use domain::outbound::Failure;
use serde_json::Value;

/// An error as told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphError {
    /// HTTP status.
    pub status: u16,
    /// `code`; none when there was no envelope.
    pub code: Option<i64>,
    /// `error_subcode`.
    pub subcode: Option<i64>,
    /// `message`.
    pub message: String,
    /// `error_data.details`, or `error_data` when it is a plain string.
    pub details: Option<String>,
    /// The platform itself calls it passing.
    pub transient: bool,
    /// `fbtrace_id`, for Meta's support.
    pub trace: Option<String>,
}

impl GraphError {
    /// Reads the envelope; `None` if there is none.
    #[must_use]
    pub fn told(status: u16, body: &Value) -> Option<Self> {
        let error = body.child("error")?;
        let details = match error.child("error_data") {
            Some(Value::String(text)) => Some(text.clone()),
            Some(data) => data.text("details").map(str::to_owned),
            None => None,
        };
        Some(Self {
            status,
            code: error.whole("code"),
            subcode: error.whole("error_subcode"),
            message: match error {
                Value::String(text) => text.clone(),
                _ => error.text("message").unwrap_or_default().to_owned(),
            },
            details: details.or_else(|| error.text("error_user_msg").map(str::to_owned)),
            transient: error.flag("is_transient"),
            trace: error.id("fbtrace_id"),
        })
    }

    /// From the status alone.
    #[must_use]
    pub fn bare(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// `131047`, `10/2018278`, or `HTTP 502`.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.code, self.subcode) {
            (Some(code), Some(subcode)) => format!("{code}/{subcode}"),
            (Some(code), None) => code.to_string(),
            (None, _) => format!("HTTP {}", self.status),
        }
    }

    /// What to show, still with whatever the platform put in.
    #[must_use]
    pub fn words(&self) -> String {
        let parts = [
            self.message.as_str(),
            self.details.as_deref().unwrap_or_default(),
        ];
        let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        if parts.is_empty() {
            return self.label();
        }
        parts.join(" – ")
    }
}

/// The platform's words without tokens and addresses: Graph quotes a malformed token back.
#[must_use]
pub fn cleaned(words: &str) -> String {
    let shown: Vec<String> = words::one_line(words)
        .split(' ')
        .map(|word| {
            let opaque = word.chars().filter(char::is_ascii_alphanumeric).count() >= 32;
            let token = ["EAA", "IGQ", "IGA", "access_token"];
            if opaque || token.iter().any(|mark| word.contains(mark)) {
                "[…]".to_owned()
            } else if word.contains("://") {
                "[URL]".to_owned()
            } else {
                word.to_owned()
            }
        })
        .collect();
    domain::message::shorten(&shown.join(" "), TextUnit::Characters, 300)
}

/// The codes that mean the same on every product; `None` leaves it to the product or status.
#[must_use]
pub fn general(error: &GraphError) -> Option<Failure> {
    Some(match (error.code?, error.subcode) {
        (1 | 2, _) => Failure::Transient { retry_after: None },
        (4 | 17 | 32 | 341 | 613 | 80_004 | 80_006 | 80_007, _) => line_throttle(None),
        (102 | 104 | 190, _) | (100, Some(33)) => Failure::Unauthorized,
        (3 | 10 | 200..=299, _) => Failure::Unauthorized,
        (368, _) => Failure::Policy,
        (100 | 506 | 803, _) => Failure::Payload,
        _ => return None,
    })
}

/// What remains when the code is unknown: the platform's own hint, then the HTTP status.
#[must_use]
pub fn from_status(error: &GraphError) -> Failure {
    let passing = Failure::Transient { retry_after: None };
    match error.status {
        _ if error.transient => passing,
        401 | 403 => Failure::Unauthorized,
        429 => line_throttle(None),
        408 | 425 => passing,
        400..500 => Failure::Payload,
        // A server's failure, or something between us and the platform.
        _ => passing,
    }
}
