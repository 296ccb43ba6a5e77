//! Looking at what an address answers.

use super::{Guarded, UrlRefused, read_capped};
use bytes::Bytes;
use reqwest::Method;
use std::time::Duration;

/// Why there is no answer. None of them repeats the address, which may hold a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeekError {
    /// We do not call such addresses.
    #[error("refused: {0}")]
    Refused(UrlRefused),
    /// Nobody answered in time, or too much.
    #[error("no answer")]
    Silent,
}

/// The status and the first `cap` bytes that a GET of `url` answers.
///
/// # Errors
/// See [`PeekError`].
pub async fn peek(
    guarded: &Guarded,
    url: &str,
    cap: usize,
    patience: Duration,
) -> Result<(u16, Bytes), PeekError> {
    guarded.check(url).await.map_err(PeekError::Refused)?;
    let request = guarded
        .request(Method::GET, url)
        .map_err(PeekError::Refused)?;
    let asked = request.timeout(patience).send().await;
    let answer = asked.map_err(|_| PeekError::Silent)?;
    let status = answer.status().as_u16();
    let body = read_capped(answer, cap).await;
    Ok((status, body.map_err(|_| PeekError::Silent)?))
}
