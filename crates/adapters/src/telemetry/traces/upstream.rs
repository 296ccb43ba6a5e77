//! What a try asked of the other side: the requests made while somebody listens, in their order.

use super::hop::{Hop, Kind};
use super::{Span, Trace, now};
use domain::time::Timestamp;
use std::cell::RefCell;
use std::future::Future;

tokio::task_local! {
    /// Of the task that makes the requests; requests of other tasks are nobody's.
    static HEARD: RefCell<Vec<Call>>;
}

/// One request. Neither its address nor its body, which hold tokens and texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    method: String,
    began: Timestamp,
    ended: Timestamp,
    answer: Answer,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// With this HTTP status.
    Status(u16),
    /// Without an answer, and why.
    None(&'static str),
}

/// Carries `work` out and listens to its requests, if asked to.
pub async fn listen<T>(listens: bool, work: impl Future<Output = T>) -> (T, Vec<Call>) {
    if !listens {
        return (work.await, Vec::new());
    }
    let heard = async {
        let done = work.await;
        (done, HEARD.with(RefCell::take))
    };
    HEARD.scope(RefCell::default(), heard).await
}

/// A request under way; one that is dropped was given up.
pub(crate) struct UnderWay {
    method: String,
    began: Timestamp,
    answer: Answer,
}

/// Begins a request to which somebody listens.
pub(crate) fn begin(method: &reqwest::Method) -> Option<UnderWay> {
    Some(UnderWay {
        method: method.to_string(),
        began: now()?,
        answer: Answer::None("given up"),
    })
}

/// Whether somebody listens.
pub(crate) fn is_heard() -> bool {
    HEARD.try_with(|_| ()).is_ok()
}

impl UnderWay {
    /// It has ended.
    pub(crate) fn ended(mut self, answer: &reqwest::Result<reqwest::Response>) {
        self.answer = match answer {
            Ok(response) => Answer::Status(response.status().as_u16()),
            Err(error) if error.is_connect() => Answer::None("no connection"),
            Err(error) if error.is_timeout() => Answer::None("no answer in time"),
            Err(_) => Answer::None("broken off"),
        };
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let call = Call {
            method: std::mem::take(&mut self.method),
            began: self.began,
            ended: now().unwrap_or(self.began),
            answer: self.answer,
        };
        // Nobody listens any more: then nobody asks.
        let _ = HEARD.try_with(|heard| heard.borrow_mut().push(call));
    }
}

/// The status of the last answer, which decided the try.
#[must_use]
pub fn last_status(calls: &[Call]) -> Option<u16> {
    calls.iter().rev().find_map(|call| match call.answer {
        Answer::Status(status) => Some(status),
        Answer::None(_) => None,
    })
}

/// Hangs the requests from the try that made them.
pub fn tell(trace: Trace, made_by: Span, calls: Vec<Call>) {
    for call in calls {
        let mut hop = Hop::new(call.method.clone(), call.began, call.ended)
            .kind(Kind::Client)
            .with("http.request.method", call.method);
        hop = match call.answer {
            Answer::Status(status) => {
                let hop = hop.with("http.response.status_code", i64::from(status));
                if status >= 400 {
                    hop.failed("refused")
                } else {
                    hop
                }
            }
            Answer::None(why) => hop.with("error.type", why).failed(why),
        };
        trace.under(made_by, hop);
    }
}
