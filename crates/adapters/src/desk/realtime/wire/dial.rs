//! Reaching PubNub's origin: name, socket, TLS.

use super::{Bytes, Connection};
use anyhow::Context;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;

/// As long as a connection may take, TLS included.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes connections to one origin.
#[derive(Clone)]
pub(super) struct Dialer {
    tcp: HttpConnector,
    origin: Uri,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Dialer").field(&self.origin).finish()
    }
}

impl Dialer {
    /// One TLS configuration serves all connections, with the certificates that this machine trusts.
    pub(super) fn to(origin: &Url) -> anyhow::Result<Self> {
        let tls = match origin.scheme() {
            "https" => {
                let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
                    .with_safe_default_protocol_versions()?
                    .with_platform_verifier()?
                    .with_no_client_auth();
                // Without ALPN it is HTTP/1.1: over HTTP/2 all polls would share one connection, and
                // beyond its limit of streams tenants would silently wait for each other.
                let name = match origin.host().context("an origin without a host")? {
                    url::Host::Domain(name) => ServerName::try_from(name.to_owned())?,
                    url::Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(address)),
                    url::Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(address)),
                };
                Some((TlsConnector::from(Arc::new(config)), name))
            }
            "http" => None,
            other => anyhow::bail!("{other} is not HTTP"),
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(PATIENCE));
        tcp.set_nodelay(true);
        // A peer that vanished is noticed within a minute, not when the poll is over.
        tcp.set_keepalive(Some(Duration::from_secs(15)));
        tcp.set_keepalive_interval(Some(Duration::from_secs(15)));
        tcp.set_keepalive_retries(Some(3));
        Ok(Self {
            tcp,
            origin: origin.as_str().parse()?,
            tls,
        })
    }

    /// A new connection.
    pub(super) async fn dial(&self) -> anyhow::Result<Connection> {
        let mut tcp = self.tcp.clone();
        let connect = async {
            let socket = tcp.call(self.origin.clone()).await?.into_inner();
            let io: Box<dyn Bytes> = match &self.tls {
                None => Box::new(socket),
                Some((tls, name)) => Box::new(tls.connect(name.clone(), socket).await?),
            };
            Ok(Connection(io))
        };
        tokio::time::timeout(PATIENCE, connect).await?
    }
}
