//! One HTTP exchange: sent once, the answer read up to a cap, the failure judged for whether
//! the request may have arrived (`channels.md` §8).

use super::answer::{Answer, LONGEST_ANSWER};
use crate::net::Unanswered;
use domain::outbound::{Failure, SendError};
use domain::secret::Secret;
use reqwest::{RequestBuilder, Response};
use std::time::Duration;

/// What a request does when it arrives twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing worse than once: reading, uploading, subscribing.
    Repeatable,
    /// The contact sees it twice.
    Says,
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// Only when there is no whole answer: clear before the connection stood, ambiguous after it
/// if the request says something to the contact.
pub(super) async fn run(
    request: RequestBuilder,
    token: &Secret,
    effect: Effect,
) -> Result<Answer, SendError> {
    let request = request
        .bearer_auth(token.expose())
        .header(reqwest::header::USER_AGENT, "relevo");
    let response = crate::net::send(request)
        .await
        .map_err(|error| unanswered(&error, effect))?;
    let status = response.status().as_u16();
    let retry_after = retry_after(&response);
    let body = match read(response).await {
        Ok(body) => body,
        // The status alone tells enough when it is a refusal.
        Err(_) if (400..500).contains(&status) => Vec::new(),
        Err(why) => return Err(broken_off(why, effect)),
    };
    Ok(Answer {
        status,
        retry_after,
        body,
    })
}

/// The body up to the cap; `Err` says why there is none.
async fn read(mut response: Response) -> Result<Vec<u8>, &'static str> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| "answer broke off")? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err("answer too long");
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn broken_off(why: &str, effect: Effect) -> SendError {
    match effect {
        Effect::Says => SendError::ambiguous(why),
        Effect::Repeatable => SendError::clear(Failure::Transient { retry_after: None }, why),
    }
}

/// The error's own text names the address and is not shown.
fn unanswered(why: &Unanswered, effect: Effect) -> SendError {
    let passing = Failure::Transient { retry_after: None };
    let error = match why {
        Unanswered::Withdrawn => return why.into(),
        Unanswered::Unsent(_) => return SendError::clear(passing, "no connection to the platform"),
        Unanswered::Broken(error) => error,
    };
    if error.is_builder() {
        return SendError::clear(Failure::Payload, "request could not be built");
    }
    if error.is_connect() {
        return SendError::clear(passing, "no connection to the platform");
    }
    let why = if error.is_timeout() {
        "no answer in time"
    } else {
        "connection broke off"
    };
    broken_off(why, effect)
}

/// How long the platform asks us to wait: `Retry-After` in seconds, or the longest
/// `estimated_time_to_regain_access` (minutes) of the usage headers.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = |name: &str| response.headers().get(name)?.to_str().ok();
    let day = 86_400;
    let seconds = text("retry-after").and_then(|t| t.trim().parse::<u64>().ok());
    if let Some(seconds) = seconds {
        return Some(Duration::from_secs(seconds.min(day)));
    }
    let usage: serde_json::Value = serde_json::from_str(text("x-business-use-case-usage")?).ok()?;
    let minutes = usage
        .as_object()?
        .values()
        .filter_map(serde_json::Value::as_array)
        .flatten()
        .filter_map(|u| u.get("estimated_time_to_regain_access")?.as_u64())
        .max()
        .filter(|minutes| *minutes > 0)?;
    Some(Duration::from_secs(minutes.saturating_mul(60).min(day)))
}
