//! The readers of answers, for [`crate::hostile`].

use super::{api, failure, listing};
use domain::ports::RealtimeEvent;
use domain::time::Timestamp;
use std::time::Duration;

/// A listing of messages, row by row.
pub(crate) fn read_listing(body: &[u8], own: i64, conversation: i64) -> Vec<RealtimeEvent> {
    let Ok(answer) = crate::json::parse(body) else {
        return Vec::new();
    };
    api::posted(&answer);
    listing::rows(answer)
        .into_iter()
        .map(|row| RealtimeEvent {
            channel: format!("conversation-{conversation}"),
            timetoken: None,
            heard: listing::heard(&row, own, conversation),
            raw: row.to_string(),
        })
        .collect()
}

/// The platform's words in a refusal.
pub(crate) fn read_refusal(body: &[u8], secrets: &[&str]) -> String {
    failure::words(body, secrets)
}

/// The wait that a `Retry-After` asks for.
pub(crate) fn read_wait(value: &str) -> Option<Duration> {
    failure::retry_after(value, Timestamp(1_790_000_000_000))
}
