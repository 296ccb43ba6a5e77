//! Which addresses may be called at all.

use super::{NetPolicy, is_public};
use std::net::IpAddr;
use url::{Host, Url};

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// Not a complete web address, or with white space or control characters in it.
    #[error("no es una dirección web válida")]
    Malformed,
    /// Neither `https` nor `http`.
    #[error("solo se admiten direcciones https")]
    Scheme,
    /// `http` where only `https` is allowed.
    #[error("la dirección debe empezar por https://")]
    HttpsOnly,
    /// A user name or password inside.
    #[error("la dirección no puede llevar usuario ni contraseña")]
    UserInfo,
    /// It leads to a private network, this machine or a metadata service.
    #[error("la dirección lleva a una red privada")]
    PrivateAddress,
    /// Its name is not known.
    #[error("no se encuentra ese servidor")]
    UnknownHost,
}

/// Longer addresses are nobody's.
const MAX_LENGTH: usize = 2048;

/// Names that are private by agreement, whatever a resolver says.
const PRIVATE_NAMES: [&str; 6] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "home.arpa",
    "intranet",
];

/// Reads an address that a tenant or a platform gave. Where its name leads is checked when
/// connecting, and by [`super::Guarded::check`] when saving.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_url(text: &str, policy: NetPolicy) -> Result<Url, UrlRefused> {
    // The parser removes line breaks silently; what somebody pasted must be what is called.
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if text.len() > MAX_LENGTH || text.contains(odd) {
        return Err(UrlRefused::Malformed);
    }
    let mut url = Url::parse(text).map_err(|_| UrlRefused::Malformed)?;
    match url.scheme() {
        "https" => {}
        "http" if policy.allow_private_network => {}
        "http" => return Err(UrlRefused::HttpsOnly),
        _ => return Err(UrlRefused::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefused::UserInfo);
    }
    // Numbers in odd forms (`127.1`, `0x7f.1`, `2130706433`) have become plain IPv4 here.
    let refused = match url.host() {
        None => return Err(UrlRefused::Malformed),
        Some(Host::Ipv4(address)) => !is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => is_private_name(name),
    };
    if refused && !policy.allow_private_network {
        return Err(UrlRefused::PrivateAddress);
    }
    url.set_fragment(None);
    Ok(url)
}

fn is_private_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    // A name without a dot is completed with the machine's own search domain.
    !name.contains('.')
        || PRIVATE_NAMES
            .iter()
            .any(|private| name == *private || name.ends_with(&format!(".{private}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: NetPolicy = NetPolicy {
        allow_private_network: false,
    };
    const OPEN: NetPolicy = NetPolicy {
        allow_private_network: true,
    };

    #[test]
    fn an_address_is_refused_with_its_reason() {
        use UrlRefused::*;
        let table = [
            ("https://bot.example.com/hook?x=1", None),
            ("https://bot.example.com:8443/", None),
            ("https://8.8.8.8/", None),
            ("http://bot.example.com/", Some(HttpsOnly)),
            ("ftp://bot.example.com/", Some(Scheme)),
            ("file:///etc/passwd", Some(Scheme)),
            ("gopher://127.0.0.1/", Some(Scheme)),
            ("javascript:alert(1)", Some(Scheme)),
            ("/relative", Some(Malformed)),
            ("", Some(Malformed)),
            ("https://", Some(Malformed)),
            ("https://bot.example.com/\r\nX-Evil: 1", Some(Malformed)),
            ("https://bot.example.com\\@127.0.0.1/", Some(Malformed)),
            (" https://bot.example.com/", Some(Malformed)),
            ("https://ana:clave@bot.example.com/", Some(UserInfo)),
            ("https://ana@bot.example.com/", Some(UserInfo)),
            ("https://127.0.0.1/", Some(PrivateAddress)),
            ("https://[::1]/", Some(PrivateAddress)),
            ("https://[::ffff:169.254.169.254]/", Some(PrivateAddress)),
            ("https://0/", Some(PrivateAddress)),
            ("https://2130706433/", Some(PrivateAddress)),
            ("https://0x7f.1/", Some(PrivateAddress)),
            ("https://127.1/", Some(PrivateAddress)),
            ("https://0177.0.0.1/", Some(PrivateAddress)),
            ("https://①②⑦.0.0.1/", Some(PrivateAddress)),
            ("https://localhost./", Some(PrivateAddress)),
            ("https://LOCALHOST/", Some(PrivateAddress)),
            ("https://a.localhost/", Some(PrivateAddress)),
            ("https://postgres/", Some(PrivateAddress)),
            ("https://metadata.google.internal/", Some(PrivateAddress)),
            ("https://[fd00::1]/", Some(PrivateAddress)),
            ("https://[64:ff9b::7f00:1]/", Some(PrivateAddress)),
            ("https://100.64.0.1/", Some(PrivateAddress)),
            ("https://192.0.0.170/", Some(PrivateAddress)),
        ];
        for (text, expected) in table {
            assert_eq!(check_url(text, STRICT).err(), expected, "{text}");
        }
        let long = format!("https://bot.example.com/{}", "a".repeat(3000));
        assert_eq!(check_url(&long, STRICT), Err(Malformed));
    }

    #[test]
    fn the_private_network_is_open_only_when_it_is_switched_on() {
        assert!(check_url("http://127.0.0.1:9000/hook", OPEN).is_ok());
        assert!(check_url("http://bot:9000/hook", OPEN).is_ok());
        assert_eq!(check_url("file:///x", OPEN), Err(UrlRefused::Scheme));
        assert_eq!(check_url("http://a@b/", OPEN), Err(UrlRefused::UserInfo));
    }
}
