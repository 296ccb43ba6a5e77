//! Sending a request to the other side: by right, and so that the trace of what is sent hears of it.

use super::departure::depart;
use super::right::of_this_task;
use super::send_error;
use crate::telemetry::traces::upstream;
use domain::outbound::{Failure, SendError};
use reqwest::{RequestBuilder, Response};

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It did not leave: whoever makes it has lost the right to.
    #[error("the right to ask has lapsed")]
    Withdrawn,
    /// It failed before anything of it left.
    #[error(transparent)]
    Unsent(reqwest::Error),
    /// It failed, or broke off.
    #[error(transparent)]
    Broken(#[from] reqwest::Error),
}

impl From<&Unanswered> for SendError {
    /// What did not leave has not arrived; the other ones are judged by [`send_error`].
    fn from(why: &Unanswered) -> Self {
        match why {
            Unanswered::Broken(error) => send_error(error),
            Unanswered::Unsent(error) => Self {
                ambiguous: false,
                ..send_error(error)
            },
            Unanswered::Withdrawn => {
                Self::clear(Failure::NotAsked, "another worker may have taken over")
            }
        }
    }
}

/// Sends a request. Method, status and duration go to the try that makes it, if its message is
/// traced; the address does not, which may hold a token.
///
/// # Errors
/// As `RequestBuilder::send`, or the right to send it has lapsed.
pub async fn send(request: RequestBuilder) -> Result<Response, Unanswered> {
    let right = of_this_task();
    if right.is_none() && !upstream::is_heard() {
        return Ok(request.send().await?);
    }
    let (client, request) = request.build_split();
    let request = request?;
    if right.as_ref().is_some_and(|right| !right()) {
        return Err(withdrawn());
    }
    let call = upstream::is_heard().then(|| upstream::begin(request.method()));
    let (answer, departure) = match &right {
        Some(right) => {
            let (answer, departure) = depart(&client, request, right).await;
            (answer, Some(departure))
        }
        None => (client.execute(request).await, None),
    };
    if let Some(call) = call.flatten() {
        call.ended(&answer);
    }
    answer.map_err(|error| match departure {
        Some(departure) if departure.is_refused() => withdrawn(),
        Some(departure) if !departure.has_left() => Unanswered::Unsent(error),
        _ => Unanswered::Broken(error),
    })
}

fn withdrawn() -> Unanswered {
    metrics::counter!("relevo_requests_withdrawn_total").increment(1);
    Unanswered::Withdrawn
}
