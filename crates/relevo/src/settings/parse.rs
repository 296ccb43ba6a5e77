//! From text to types. The words of a failure never repeat a value that may be secret.

use super::{DatabaseKind, DatabaseSettings};
use adapters::files::S3Address;
use adapters::telemetry::traces::Sample;
use adapters::vault::MasterKeys;
use domain::secret::Secret;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Url;

/// An address and a port.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not an address and a port like 0.0.0.0:8080"))
}

/// An http(s) address to put paths behind; slashes at the end are cut off.
pub(super) fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("not an address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("the address must begin with http:// or https://".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("the address must not have a ? or #".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address must not hold a user or password".to_owned());
    }
    let mut base = url.clone();
    base.set_path(url.path().trim_end_matches('/'));
    Ok(base)
}

/// Our own address for a browser on this machine; «every interface» is not an address to go to.
pub(super) fn derived_url(listen: SocketAddr) -> Result<Url, String> {
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    base_url(&format!("http://{}", SocketAddr::new(host, listen.port())))
}

/// A SQLite or PostgreSQL address.
pub(super) fn database(text: &str) -> Result<DatabaseSettings, String> {
    let kind = match text.split_once(':') {
        Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
            Url::parse(text).map_err(|error| format!("not an address: {error}"))?;
            DatabaseKind::Postgres
        }
        Some(("sqlite", _)) => DatabaseKind::Sqlite,
        _ => return Err("the address must begin with postgres:// or sqlite://".to_owned()),
    };
    Ok(DatabaseSettings {
        kind,
        url: Secret::new(text),
    })
}

fn secret_url(text: &str, schemes: [&str; 2]) -> Result<Secret, String> {
    let url = Url::parse(text).map_err(|error| format!("not an address: {error}"))?;
    if schemes.contains(&url.scheme()) && url.has_host() {
        Ok(Secret::new(text))
    } else {
        Err(format!(
            "the address must begin with {}:// or {}://",
            schemes[0], schemes[1]
        ))
    }
}

/// A Redis address.
pub(super) fn redis(text: &str) -> Result<Secret, String> {
    secret_url(text, ["redis", "rediss"])
}

/// A bucket for files.
pub(super) fn bucket(text: &str) -> Result<S3Address, String> {
    S3Address::parse(text)
}

/// A mail server.
pub(super) fn smtp(text: &str) -> Result<Secret, String> {
    secret_url(text, ["smtp", "smtps"])
}

/// How many proxies stand in front: `on` is one.
pub(super) fn proxies(text: &str) -> Result<u8, String> {
    match text.parse::<u8>() {
        Ok(number @ 0..=9) => Ok(number),
        Ok(_) => Err("at most 9 proxies".to_owned()),
        Err(_) => switch(text)
            .map(u8::from)
            .map_err(|_| "write off, on or the number of proxies".to_owned()),
    }
}

/// The share of messages that are traced.
pub(super) fn sample(text: &str) -> Result<Sample, String> {
    let share = text.parse().ok().and_then(Sample::of);
    share.ok_or_else(|| format!("{text:?} is not a number from 0 to 1"))
}

/// The ring of master keys.
pub(super) fn master_keys(text: &str) -> Result<MasterKeys, String> {
    MasterKeys::parse(text).map_err(|error| error.to_string())
}

/// On or off.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "1" | "yes" => Ok(true),
        "off" | "false" | "0" | "no" => Ok(false),
        _ => Err(format!("{text:?} is neither on nor off")),
    }
}
