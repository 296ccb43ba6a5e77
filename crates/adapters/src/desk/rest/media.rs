//! Opens the file of an agent's message.

use super::LetsTalk;
use super::failure::{Effect, of_transport, settled};
use crate::net::send_error;
use domain::desk::DeskAccount;
use domain::message::MediaSource;
use domain::outbound::{Failure, SendError};
use domain::ports::MediaStream;
use futures::StreamExt;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use reqwest::{Method, Response, StatusCode};
use std::time::Duration;
use url::Url;

/// A file may be big and the line slow.
const TOTAL: Duration = Duration::from_secs(300);

/// File addresses often lead to a storage service first.
const MOST_REDIRECTS: usize = 3;

impl LetsTalk {
    pub(super) async fn media(
        &self,
        account: &DeskAccount,
        source: &MediaSource,
    ) -> Result<MediaStream, SendError> {
        let gone = |why: &str| SendError::clear(Failure::Payload, why);
        let MediaSource::Url { url } = source else {
            return Err(gone("los archivos de Let's Talk tienen dirección"));
        };
        let mut url =
            Url::parse(url).map_err(|_| gone("la dirección del archivo está mal formada"))?;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.fetch(account, &url).await?;
            let next = response
                .headers()
                .get(LOCATION)
                .filter(|_| is_redirect(response.status()))
                .and_then(|l| l.to_str().ok())
                .and_then(|l| url.join(l).ok());
            match next {
                Some(next) => url = next,
                None => return Ok(stream(response, &url)),
            }
        }
        Err(gone("la dirección del archivo da vueltas"))
    }

    /// The key goes to the tenant's own Let's Talk only, never to a storage service.
    async fn fetch(&self, account: &DeskAccount, url: &Url) -> Result<Response, SendError> {
        let mut request = self
            .http
            .request(Method::GET, url.as_str())
            .map_err(|refused| SendError::clear(Failure::Payload, refused.to_string()))?
            .timeout(TOTAL);
        let home = Url::parse(&account.settings.base_url).ok();
        if home.is_some_and(|home| home.origin() == url.origin()) {
            request = request.basic_auth(account.credentials.agent_key.expose(), Some("X"));
        }
        let sent = crate::net::send(request)
            .await
            .map_err(|error| of_transport(&error, Effect::Repeatable))?;
        if sent.status().is_success() || is_redirect(sent.status()) {
            return Ok(sent);
        }
        let status = sent.status();
        Err(match status.as_u16() {
            // A signed address that ran out answers 401 or 403: this file is gone, the desk is not.
            401 | 403 | 404 | 410 => {
                SendError::clear(Failure::Payload, "el archivo ya no está o no es accesible")
                    .with_code(status.as_u16().to_string())
            }
            _ => super::failure::of_status(status, None, "", Effect::Repeatable),
        })
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn stream(response: Response, url: &Url) -> MediaStream {
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned)
    };
    let mime = header(CONTENT_TYPE)
        .and_then(|m| m.split(';').next().map(|m| m.trim().to_ascii_lowercase()))
        .filter(|m| !m.is_empty());
    let size = header(CONTENT_LENGTH).and_then(|l| l.parse().ok());
    let name = url
        .path_segments()
        .and_then(|mut s| s.next_back().map(str::to_owned))
        .filter(|n| n.contains('.'));
    MediaStream {
        mime,
        size,
        name,
        bytes: response
            .bytes_stream()
            .map(|piece| piece.map_err(|error| settled(send_error(&error), Effect::Repeatable)))
            .boxed(),
    }
}
