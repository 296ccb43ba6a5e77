//! Calling the Bot API. The token is part of every address, so addresses appear in no error
//! and no log.

use super::node::Node;
use super::refusal::Refusal;
use crate::net::{Http, ReadError, read_capped};
use domain::channel::ChannelCredentials;
use domain::outbound::{Failure, SendError};
use domain::secret::Secret;
use reqwest::multipart::Form;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;

/// Answers are small; more than this is not the Bot API.
const ANSWER_CAP: usize = 1 << 20;
const CALL_TIME: Duration = Duration::from_secs(30);
const FILE_TIME: Duration = Duration::from_secs(300);

/// The server and how to reach it.
pub(super) struct Api {
    http: Http,
    base: String,
}

/// Why a call gave no result.
pub(super) enum CallError {
    /// Telegram said no.
    Refused(Refusal),
    /// Telegram did not say.
    Failed(SendError),
}

impl From<CallError> for SendError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(refusal) => refusal.into_error(),
            CallError::Failed(error) => error,
        }
    }
}

/// The token, if it has the shape of one; another would end up as a part of an address.
pub(super) fn token(credentials: &ChannelCredentials) -> Result<&Secret, SendError> {
    match credentials {
        ChannelCredentials::Telegram { token, .. } if is_token(token.expose()) => Ok(token),
        _ => Err(SendError::clear(
            Failure::Unauthorized,
            "el token del bot no tiene la forma correcta",
        )),
    }
}

/// `<digits>:<about 35 of A-Z a-z 0-9 _ ->`.
pub(super) fn is_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, key)| {
        !id.is_empty()
            && id.len() <= 20
            && id.bytes().all(|b| b.is_ascii_digit())
            && (16..=128).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

impl Api {
    pub(super) fn new(http: Http, base_url: &str) -> Self {
        Self {
            http,
            base: base_url.trim_end_matches('/').to_owned(),
        }
    }

    /// Calls a method with a JSON body.
    pub(super) async fn call(
        &self,
        token: &Secret,
        method: &str,
        body: &Value,
    ) -> Result<Value, CallError> {
        let request = self.request(token, method)?.json(body).timeout(CALL_TIME);
        answer(request, token).await
    }

    /// Calls a method with a form that holds a file.
    pub(super) async fn upload(
        &self,
        token: &Secret,
        method: &str,
        form: Form,
    ) -> Result<Value, CallError> {
        let request = self
            .request(token, method)?
            .multipart(form)
            .timeout(FILE_TIME);
        answer(request, token).await
    }

    /// Opens a file at the path that `getFile` gave.
    pub(super) async fn download(&self, token: &Secret, path: &str) -> Result<Response, SendError> {
        let odd = |part: &str| {
            part.is_empty()
                || part == "."
                || part == ".."
                || part.contains(|c: char| c.is_control() || matches!(c, '?' | '#' | '\\' | '%'))
        };
        if path.split('/').any(odd) {
            return Err(SendError::clear(
                Failure::Payload,
                "Telegram dio una ruta de archivo que no se puede usar",
            ));
        }
        let url = format!("{}/file/bot{}/{path}", self.base, token.expose());
        let request = self.http.platform.get(url).timeout(FILE_TIME);
        crate::net::send(request).await.map_err(|e| (&e).into())
    }

    fn request(&self, token: &Secret, method: &str) -> Result<RequestBuilder, CallError> {
        if method.is_empty() || !method.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(CallError::Failed(SendError::clear(
                Failure::Payload,
                "el método no existe",
            )));
        }
        let url = format!("{}/bot{}/{method}", self.base, token.expose());
        Ok(self.http.platform.post(url))
    }
}

/// Sends the request and opens the envelope `{ok, result | description}`.
async fn answer(request: RequestBuilder, token: &Secret) -> Result<Value, CallError> {
    let response = crate::net::send(request)
        .await
        .map_err(|e| CallError::Failed((&e).into()))?;
    let status = response.status();
    let waits = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().parse().ok());
    let body = match read_capped(response, ANSWER_CAP).await {
        Ok(body) => crate::json::parse(&body).unwrap_or(Value::Null),
        // With a refusal the status has already said what is to be known.
        Err(_) if !status.is_success() => Value::Null,
        Err(ReadError::Broken(error)) => return Err(CallError::Failed(error)),
        Err(error @ ReadError::TooBig { .. }) => {
            return Err(CallError::Failed(SendError::ambiguous(error.to_string())));
        }
    };
    let envelope = Node(Some(&body));
    if status.is_success() && envelope.get("ok").is_true() {
        return Ok(envelope.get("result").0.cloned().unwrap_or(Value::Null));
    }
    if status.is_success() && !envelope.get("error_code").exists() {
        return Err(CallError::Failed(SendError::ambiguous(
            "la respuesta de Telegram no se entiende",
        )));
    }
    Err(CallError::Refused(Refusal::read(
        status.as_u16(),
        waits,
        envelope,
        token,
    )))
}
