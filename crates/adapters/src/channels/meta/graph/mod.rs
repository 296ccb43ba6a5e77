//! Calls to the Graph API: one address, one way to send, one shape of errors.

mod answer;
mod call;
mod error;

pub(crate) use answer::line_throttle;
pub use answer::{Answer, LONGEST_ANSWER};
pub use call::Effect;
pub use error::{GraphError, cleaned, from_status, general};

use domain::outbound::SendError;
use domain::secret::Secret;
use reqwest::RequestBuilder;
use serde_json::Value;

/// The Graph API version spoken when the configured address names none; Meta ends it on
/// 2028-07-29.
pub const VERSION: &str = "v25.0";

/// The HTTP clients of this process: one for the platform's own interface, one for files
/// whose addresses others may choose. Neither follows redirects.
#[derive(Clone, Debug)]
pub struct MetaHttp {
    /// Towards the Graph API.
    pub platform: reqwest::Client,
    /// Towards file hosts.
    pub media: reqwest::Client,
}

/// One Graph host with its error table.
#[derive(Clone, Debug)]
pub struct Graph {
    client: reqwest::Client,
    base: String,
    /// What an error means on this product.
    pub judge: fn(&GraphError) -> domain::outbound::Failure,
}

impl Graph {
    /// A host such as `https://graph.facebook.com`; an address that ends in a version
    /// (`…/v26.0`) keeps it.
    #[must_use]
    pub fn new(
        client: reqwest::Client,
        base_url: &str,
        judge: fn(&GraphError) -> domain::outbound::Failure,
    ) -> Self {
        let base = base_url.trim_end_matches('/');
        let last = base.rsplit('/').next().unwrap_or_default();
        let versioned = last.strip_prefix('v').is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        });
        Self {
            client,
            base: if versioned {
                base.to_owned()
            } else {
                format!("{base}/{VERSION}")
            },
            judge,
        }
    }

    /// The address of a path; ids in it must be plain (see [`is_plain_id`]).
    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// Reads an object.
    ///
    /// # Errors
    /// As judged; never ambiguous, reading changes nothing.
    pub async fn get(
        &self,
        token: &Secret,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, SendError> {
        let request = self.client.get(self.url(path)).query(query);
        self.run(request, token, Effect::Repeatable).await
    }

    /// As [`Graph::get`], with the whole answer, for callers that judge themselves.
    ///
    /// # Errors
    /// Only when there is no answer.
    pub async fn ask(
        &self,
        token: &Secret,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, SendError> {
        let request = self.client.get(self.url(path)).query(query);
        call::run(request, token, Effect::Repeatable).await
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// As judged; ambiguous when it may have taken effect and `effect` says that matters.
    pub async fn post(
        &self,
        token: &Secret,
        path: &str,
        body: &Value,
        effect: Effect,
    ) -> Result<Value, SendError> {
        self.run(self.client.post(self.url(path)).json(body), token, effect)
            .await
    }

    /// Posts without body, parameters in the query.
    ///
    /// # Errors
    /// Only when there is no answer.
    pub async fn order(
        &self,
        token: &Secret,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, SendError> {
        let request = self.client.post(self.url(path)).query(query);
        call::run(request, token, Effect::Repeatable).await
    }

    /// Uploads a form with a file. Uploading twice is harmless, so it is never ambiguous.
    ///
    /// # Errors
    /// As judged.
    pub async fn upload(
        &self,
        token: &Secret,
        path: &str,
        form: reqwest::multipart::Form,
    ) -> Result<Value, SendError> {
        let request = self.client.post(self.url(path)).multipart(form);
        self.run(request, token, Effect::Repeatable).await
    }

    async fn run(
        &self,
        request: RequestBuilder,
        token: &Secret,
        effect: Effect,
    ) -> Result<Value, SendError> {
        call::run(request, token, effect)
            .await?
            .judged(self.judge, effect)
    }
}

/// Whether an id may stand in a path: nothing in it that could lead elsewhere.
#[must_use]
pub fn is_plain_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 256
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && !id.contains("..")
}
