//! The HTTP clients of the process: one for the platforms, one for addresses that a tenant
//! or a contact had a say in.

mod address;
mod departure;
mod failure;
mod peek;
mod read;
mod resolve;
mod right;
mod send;
mod url;

pub use address::is_public;
pub use failure::send_error;
pub use peek::{PeekError, peek};
pub use read::{ReadError, read_capped};
pub use resolve::{AddressRefused, Lookup, SystemLookup};
pub use right::{Right, by_right};
pub use send::{Unanswered, send};
pub use url::{UrlRefused, check_url};

use ::url::Url;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use std::sync::Arc;
use std::time::Duration;

/// What outgoing calls with a foreign address may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetPolicy {
    /// Private, loopback and link-local addresses and plain `http` are allowed
    /// (`RELEVO_ALLOW_PRIVATE_NETWORK`): for the demo and for tests only.
    pub allow_private_network: bool,
}

/// The clients; cheap to clone, made once per process so that all tenants share the pools.
#[derive(Clone)]
pub struct Http {
    /// For the hosts named in our own configuration: the platforms and Let's Talk.
    pub platform: Client,
    /// For every other address.
    pub guarded: Guarded,
}

/// A client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("HTTP client: {0}")]
pub struct HttpSetupError(#[from] reqwest::Error);

impl Http {
    /// Sets up both clients with the system's name resolution.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(policy: NetPolicy) -> Result<Self, HttpSetupError> {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// As [`Http::new`] with another name resolution for the guarded client.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn with_lookup(policy: NetPolicy, lookup: Arc<dyn Lookup>) -> Result<Self, HttpSetupError> {
        let resolver = resolve::GuardedResolver::new(policy, Arc::clone(&lookup));
        // An HTTP proxy would resolve names itself, past the guard.
        let guarded = base().no_proxy().dns_resolver(resolver).build()?;
        Ok(Self {
            platform: base().build()?,
            guarded: Guarded {
                client: guarded,
                policy,
                lookup,
            },
        })
    }
}

/// What both clients have in common. The overall time of a request is the caller's to set; the
/// client's own limit only ends those that were forgotten. It counts from the first byte of an
/// upload, hence its length.
fn base() -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("Relevo/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(300))
        .pool_idle_timeout(Duration::from_secs(55))
        .tcp_keepalive(Duration::from_secs(30))
        // A redirect may lead anywhere, and would carry tokens along.
        .redirect(Policy::none())
        .referer(false)
}

/// A client that only connects to public addresses. It checks the address of the request
/// itself (names are not asked for where the address is a number) and every address that a
/// name leads to, at the moment of connecting: a name that is answered differently the second
/// time gains nothing.
#[derive(Clone)]
pub struct Guarded {
    client: Client,
    policy: NetPolicy,
    lookup: Arc<dyn Lookup>,
}

impl Guarded {
    /// Begins a request.
    ///
    /// # Errors
    /// The address is not one that may be called.
    pub fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, UrlRefused> {
        Ok(self.client.request(method, check_url(url, self.policy)?))
    }

    /// Checks an address that somebody wants to save, including where its name leads now.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub async fn check(&self, url: &str) -> Result<Url, UrlRefused> {
        let url = check_url(url, self.policy)?;
        if let Some(::url::Host::Domain(name)) = url.host() {
            let found = self
                .lookup
                .lookup(name)
                .await
                .map_err(|_| UrlRefused::UnknownHost)?;
            if found.is_empty() {
                return Err(UrlRefused::UnknownHost);
            }
            if !self.policy.allow_private_network && !found.into_iter().all(is_public) {
                return Err(UrlRefused::PrivateAddress);
            }
        }
        Ok(url)
    }

    /// What it lets through.
    #[must_use]
    pub fn policy(&self) -> NetPolicy {
        self.policy
    }
}
