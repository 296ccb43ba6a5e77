//! Sending a request to the other side, so that the trace of what is sent hears of it.

use crate::telemetry::traces::upstream;
use reqwest::{RequestBuilder, Response};

/// Sends a request. Method, status and duration go to the try that makes it, if its message is
/// traced; the address does not, which may hold a token.
///
/// # Errors
/// As `RequestBuilder::send`.
pub async fn send(request: RequestBuilder) -> reqwest::Result<Response> {
    if !upstream::is_heard() {
        return request.send().await;
    }
    let (client, request) = request.build_split();
    let request = request?;
    let call = upstream::begin(request.method());
    let answer = client.execute(request).await;
    if let Some(call) = call {
        call.ended(&answer);
    }
    answer
}
