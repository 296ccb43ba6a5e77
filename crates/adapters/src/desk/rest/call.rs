//! One request: address, key, timeout, cap, meaning of the answer.

use super::LetsTalk;
use super::failure::{Effect, of_status, of_transport, of_unreadable, retry_after, settled, words};
use crate::json;
use crate::net::{ReadError, read_capped};
use domain::desk::DeskAccount;
use domain::outbound::{Failure, SendError};
use domain::secret::Secret;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;

/// From the first byte sent to the last byte read.
const TOTAL: Duration = Duration::from_secs(15);

/// No answer of Let's Talk is longer; the rest is not read.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// A request that is ready to go.
pub(super) struct Call<'a> {
    pub(super) request: RequestBuilder,
    pub(super) effect: Effect,
    /// Taken out of the platform's words.
    pub(super) secrets: Vec<&'a str>,
}

impl LetsTalk {
    /// A request to `/api/v1<path>` of the tenant's address, with a key as Let's Talk wants it:
    /// the key as user name, `X` as password.
    pub(super) fn call<'a>(
        &self,
        account: &DeskAccount,
        method: Method,
        path: &str,
        key: Option<&'a Secret>,
        effect: Effect,
    ) -> Result<Call<'a>, SendError> {
        let base = account.settings.base_url.trim_end_matches('/');
        let mut request = self
            .http
            .request(method, &format!("{base}/api/v1{path}"))
            .map_err(|refused| SendError::clear(Failure::Payload, refused.to_string()))?
            .timeout(TOTAL);
        if let Some(key) = key {
            request = request.basic_auth(key.expose(), Some("X"));
        }
        Ok(Call {
            request,
            effect,
            secrets: key.map(|k| vec![k.expose()]).unwrap_or_default(),
        })
    }

    /// Sends it and reads the JSON of a success.
    pub(super) async fn answer(&self, call: Call<'_>) -> Result<Value, SendError> {
        let (effect, secrets) = (call.effect, call.secrets);
        let response = self.success(call.request, effect, &secrets).await?;
        let body = read_capped(response, LARGEST_ANSWER)
            .await
            .map_err(|unread| match unread {
                ReadError::TooBig { .. } => {
                    of_unreadable("la respuesta es demasiado larga", effect)
                }
                ReadError::Broken(error) => settled(error, effect),
            })?;
        json::parse(&body)
            .map_err(|_| of_unreadable("la respuesta no es la que documenta la API", effect))
    }

    /// Sends it; the answer's body does not matter.
    pub(super) async fn done(&self, call: Call<'_>) -> Result<(), SendError> {
        self.success(call.request, call.effect, &call.secrets)
            .await
            .map(drop)
    }

    /// Sends it; an answer that is no success becomes its error.
    pub(super) async fn success(
        &self,
        request: RequestBuilder,
        effect: Effect,
        secrets: &[&str],
    ) -> Result<Response, SendError> {
        let response = crate::net::send(request)
            .await
            .map_err(|error| of_transport(&error, effect))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let wait = response
            .headers()
            .get(reqwest::header::RETRY_AFTER)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| retry_after(v, self.clock.now()));
        // The status alone decides; a body that breaks off only loses the platform's words.
        let body = read_capped(response, LARGEST_ANSWER)
            .await
            .unwrap_or_default();
        Err(of_status(status, wait, &words(&body, secrets), effect))
    }
}
