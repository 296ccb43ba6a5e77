//! The call to the platform: what the bot sent, byte for byte, to the configured host and no
//! other; what came back, byte for byte.

use super::answer::{AnswerBody, BotAnswer};
use super::request::BotRequest;
use crate::net::{read_capped, send as send_request};
use bytes::Bytes;
use domain::outbound::{Failure, SendError};
use futures::StreamExt;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response};
use std::time::Duration;
use url::Url;

/// A call with its upload or download may take this long.
const CALL_TIME: Duration = Duration::from_secs(300);
/// Answers to messages are small.
const ANSWER_CAP: usize = 1 << 20;

/// What travels on; everything else is between two neighbours only, or would make the answer's
/// bytes other than the bot expects.
const SENT: [&str; 8] = [
    "content-type",
    "authorization",
    "accept",
    "accept-language",
    "user-agent",
    "range",
    "if-none-match",
    "if-modified-since",
];

/// What travels back.
const RETURNED: [&str; 14] = [
    "content-type",
    "content-disposition",
    "content-range",
    "accept-ranges",
    "cache-control",
    "etag",
    "last-modified",
    "retry-after",
    "www-authenticate",
    "facebook-api-version",
    "x-app-usage",
    "x-business-use-case-usage",
    "x-fb-trace-id",
    "x-fb-request-id",
];

/// The platforms' base addresses, without a slash at the end.
#[derive(Clone, Debug)]
pub struct PlatformBases {
    /// `https://api.telegram.org`.
    pub telegram: String,
    /// `https://graph.facebook.com`: WhatsApp, Messenger, Instagram by Facebook Login.
    pub graph: String,
    /// `https://graph.instagram.com`: Instagram by its own login.
    pub instagram: String,
}

impl PlatformBases {
    /// Without slashes at the end and without a Graph API version: the bot names its own.
    pub(super) fn bare(self) -> Self {
        Self {
            telegram: self.telegram.trim_end_matches('/').to_owned(),
            graph: versionless(&self.graph),
            instagram: versionless(&self.instagram),
        }
    }
}

fn versionless(base: &str) -> String {
    let base = base.trim_end_matches('/');
    let version = |last: &&str| {
        last.strip_prefix('v')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    match base.rsplit_once('/') {
        Some((host, last)) if version(&last) => host.to_owned(),
        _ => base.to_owned(),
    }
}

/// Makes the call and keeps the answer on its way.
pub(super) async fn stream(
    client: &Client,
    base: &str,
    request: &BotRequest,
) -> Result<BotAnswer, SendError> {
    let response = send(client, base, request).await?;
    let (status, mut headers) = head(&response);
    if let Some(length) = response.content_length() {
        headers.push(("content-length".to_owned(), length.to_string()));
    }
    let body = response
        .bytes_stream()
        // The error would name the address, and with it the token.
        .map(|piece| piece.map_err(|_| std::io::Error::other("the platform broke off")))
        .boxed();
    Ok(BotAnswer {
        status,
        headers,
        body: AnswerBody::Stream(body),
    })
}

/// Makes the call and reads the answer. A failure after the request went out is ambiguous.
pub(super) async fn call(
    client: &Client,
    base: &str,
    request: &BotRequest,
) -> Result<(BotAnswer, Bytes), SendError> {
    let response = send(client, base, request).await?;
    let (status, headers) = head(&response);
    let bytes = read_capped(response, ANSWER_CAP)
        .await
        .map_err(|error| SendError::ambiguous(error.to_string()))?;
    let answer = BotAnswer {
        status,
        headers,
        body: AnswerBody::Whole(bytes.clone()),
    };
    Ok((answer, bytes))
}

/// The address of a call below `base`. Whatever stands in the path, no other host is ever called.
pub(super) fn address(base: &str, request: &BotRequest) -> Result<Url, SendError> {
    let base_url = Url::parse(base).map_err(|_| odd())?;
    let text = format!("{}{}", base.trim_end_matches('/'), request.path);
    let mut url = Url::parse(&text).map_err(|_| odd())?;
    if !request.is_path_sound() || url.origin() != base_url.origin() {
        return Err(odd());
    }
    url.set_query(Some(request.query.as_str()).filter(|q| !q.is_empty()));
    url.set_fragment(None);
    Ok(url)
}

fn odd() -> SendError {
    SendError::clear(Failure::Payload, "la dirección no se puede usar")
}

async fn send(client: &Client, base: &str, request: &BotRequest) -> Result<Response, SendError> {
    let url = address(base, request)?;
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| odd())?;
    let mut call = client
        .request(method, url)
        .headers(headers(request))
        .timeout(CALL_TIME);
    if !request.body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        call = call.body(request.body.clone());
    }
    send_request(call).await.map_err(|error| (&error).into())
}

fn headers(request: &BotRequest) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        if !SENT.contains(&name.as_str()) {
            continue;
        }
        let pair = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        );
        if let (Ok(name), Ok(mut value)) = pair {
            value.set_sensitive(name == reqwest::header::AUTHORIZATION);
            headers.append(name, value);
        }
    }
    headers
}

fn head(response: &Response) -> (u16, Vec<(String, String)>) {
    let headers = response
        .headers()
        .iter()
        .filter(|(name, _)| RETURNED.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    (response.status().as_u16(), headers)
}
