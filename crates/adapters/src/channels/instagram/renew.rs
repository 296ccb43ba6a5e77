//! A new token for one that lasts 60 days (`channels.md` §5.1):
//! `GET /refresh_access_token?grant_type=ig_refresh_token` answers
//! `{"access_token": …, "expires_in": 5184000}`. The old one must be a day old and alive.

use crate::channels::meta::graph::Graph;
use crate::channels::meta::json::Lenient;
use domain::channel::ChannelCredentials;
use domain::outbound::{Failure, SendError};
use domain::ports::RenewedToken;
use domain::secret::Secret;
use serde_json::Value;
use std::time::Duration;

/// What is believed when the answer does not say: the documented 60 days.
const USUAL: i64 = 60 * 86_400;

/// Has the token renewed.
pub(super) async fn renew(
    graph: &Graph,
    credentials: &ChannelCredentials,
    token: &Secret,
) -> Result<Option<RenewedToken>, SendError> {
    let query = [
        ("grant_type", "ig_refresh_token"),
        ("access_token", token.expose()),
    ];
    let answer = graph.get(token, "refresh_access_token", &query).await?;
    let unreadable = || {
        let why = "the answer to a token's renewal could not be read";
        SendError::clear(Failure::Transient { retry_after: None }, why)
    };
    let (token, lasts) = read(&answer).ok_or_else(unreadable)?;
    let mut credentials = credentials.clone();
    if let ChannelCredentials::Instagram { token: old, .. } = &mut credentials {
        *old = token;
    }
    Ok(Some(RenewedToken { credentials, lasts }))
}

fn read(answer: &Value) -> Option<(Secret, Duration)> {
    let token = answer.text("access_token")?;
    let fits = (8..=4096).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
    let seconds = answer
        .whole("expires_in")
        .filter(|s| *s > 0)
        .unwrap_or(USUAL);
    let lasts = Duration::from_secs(u64::try_from(seconds).ok()?);
    fits.then(|| (Secret::new(token), lasts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_without_a_usable_token_replaces_nothing() {
        for odd in [
            json!({}),
            json!({"access_token": ""}),
            json!({"access_token": 7}),
            json!({"access_token": "with blanks in it"}),
        ] {
            assert!(read(&odd).is_none(), "{odd}");
        }
        let (_, lasts) = read(&json!({"access_token": "IGAAabcdefgh"})).unwrap();
        assert_eq!(lasts.as_secs(), 5_184_000);
        let told = json!({"access_token": "IGAAabcdefgh", "expires_in": "60"});
        assert_eq!(read(&told).unwrap().1.as_secs(), 60);
    }
}
