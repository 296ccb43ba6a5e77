//! The answer as HTTP.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use adapters::botcalls::{AnswerBody, BotAnswer};

/// Writes an answer out as it came.
pub(super) fn written(answer: BotAnswer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::build(status);
    let mut length = None;
    for (name, value) in &answer.headers {
        if name == "content-length" {
            length = value.parse().ok();
        } else {
            response.append_header((name.as_str(), value.as_str()));
        }
    }
    match answer.body {
        AnswerBody::Whole(bytes) => response.body(bytes),
        AnswerBody::Stream(pieces) => {
            if let Some(length) = length {
                response.no_chunking(length);
            }
            response.streaming(pieces)
        }
    }
}
