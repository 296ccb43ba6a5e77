//! Fetching files of contacts. Their addresses come out of webhooks, so only the platform's
//! own file hosts are ever called, and only those that need it see the token.

use super::graph::MetaHttp;
use super::words;
use crate::net::Unanswered;
use domain::outbound::{Failure, SendError};
use domain::ports::MediaStream;
use domain::secret::Secret;
use futures::StreamExt;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use url::Url;

/// The hosts files may come from.
#[derive(Clone, Debug)]
pub struct MediaHosts {
    /// Hosts of configured addresses that are not the platform's own (tests, demo).
    local: Vec<String>,
}

impl MediaHosts {
    /// The platform's hosts, and the host of each configured address that is plain `http`:
    /// no real platform is, so this opens nothing in production.
    #[must_use]
    pub fn new<'a>(bases: impl IntoIterator<Item = &'a str>) -> Self {
        let local = bases
            .into_iter()
            .filter_map(|base| Url::parse(base).ok())
            .filter(|base| base.scheme() == "http")
            .filter_map(|base| base.host_str().map(str::to_owned))
            .collect();
        Self { local }
    }

    /// Whether a file may be fetched from there.
    #[must_use]
    pub fn allows(&self, url: &str) -> bool {
        let instagram = |host: &str| host.ends_with(".cdninstagram.com");
        self.host_passes(url, |host| Self::is_platform(host) || instagram(host))
    }

    /// Whether the channel's token may be shown there.
    #[must_use]
    pub fn takes_token(&self, url: &str) -> bool {
        self.host_passes(url, Self::is_platform)
    }

    fn is_platform(host: &str) -> bool {
        matches!(host, "graph.facebook.com" | "graph.instagram.com")
            || host.ends_with(".fbsbx.com")
            || host.ends_with(".fbcdn.net")
    }

    fn host_passes(&self, url: &str, passes: impl Fn(&str) -> bool) -> bool {
        let Ok(url) = Url::parse(url) else {
            return false;
        };
        let Some(host) = url.host_str() else {
            return false;
        };
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        match url.scheme() {
            "https" => passes(host) && url.port().is_none(),
            "http" => self.local.iter().any(|local| local == host),
            _ => false,
        }
    }
}

/// How a fetch may end without a file.
#[derive(Debug)]
pub enum FetchError {
    /// 404 or 410: this address is used up.
    Gone,
    /// Anything else.
    Other(SendError),
}

/// Opens a file. The token goes along only where it may be seen; the User-Agent always, since
/// without one the platform answers with an error page.
///
/// # Errors
/// See [`FetchError`].
pub async fn fetch(
    http: &MetaHttp,
    hosts: &MediaHosts,
    url: &str,
    token: Option<&Secret>,
) -> Result<MediaStream, FetchError> {
    if !hosts.allows(url) {
        let refused = SendError::clear(
            Failure::Payload,
            "file on a host that is not the platform's",
        );
        return Err(FetchError::Other(refused.with_code("host")));
    }
    let mut request = http
        .media
        .get(url)
        .header(reqwest::header::USER_AGENT, "relevo");
    if let Some(token) = token.filter(|_| hosts.takes_token(url)) {
        request = request.bearer_auth(token.expose());
    }
    let response = crate::net::send(request).await.map_err(|why| match why {
        Unanswered::Withdrawn => FetchError::Other((&why).into()),
        Unanswered::Unsent(_) | Unanswered::Broken(_) => broken("file host did not answer"),
    })?;
    let clear = |failure, detail: &str| FetchError::Other(SendError::clear(failure, detail));
    match response.status().as_u16() {
        200..=299 => {}
        404 | 410 => return Err(FetchError::Gone),
        401 | 403 if token.is_some() => {
            return Err(clear(Failure::Unauthorized, "file host refused the token"));
        }
        400..=403 => return Err(clear(Failure::Payload, "the file is no longer offered")),
        429 | 408 | 500.. => return Err(broken("file host is busy")),
        _ => {
            return Err(clear(
                Failure::Payload,
                "file host answered with something else",
            ));
        }
    }
    let mime = header(response.headers(), &CONTENT_TYPE).and_then(|t| words::mime(&t));
    if mime.as_deref() == Some("text/html") {
        return Err(broken("file host answered with a page"));
    }
    Ok(MediaStream {
        mime,
        size: header(response.headers(), &CONTENT_LENGTH).and_then(|t| t.parse().ok()),
        name: None,
        bytes: response
            .bytes_stream()
            .map(|piece| {
                piece.map_err(|_| {
                    let passing = Failure::Transient { retry_after: None };
                    SendError::clear(passing, "the file broke off")
                })
            })
            .boxed(),
    })
}

fn broken(detail: &str) -> FetchError {
    let passing = Failure::Transient { retry_after: None };
    FetchError::Other(SendError::clear(passing, detail))
}

fn header(headers: &HeaderMap, name: &reqwest::header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The file at an address, for platforms that give the address away (Messenger, Instagram).
///
/// # Errors
/// `Payload` when it is gone for ever.
pub async fn open_url(
    http: &MetaHttp,
    hosts: &MediaHosts,
    url: &str,
) -> Result<MediaStream, SendError> {
    fetch(http, hosts, url, None)
        .await
        .map_err(|error| match error {
            FetchError::Gone => gone(),
            FetchError::Other(error) => error,
        })
}

/// The file will never come.
#[must_use]
pub fn gone() -> SendError {
    SendError::clear(Failure::Payload, "the platform no longer has the file").with_code("gone")
}
