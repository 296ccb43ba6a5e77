//! Where a request comes from, as far as we can know.

use actix_web::HttpRequest;
use std::net::{IpAddr, Ipv6Addr};

/// The network address of whoever asks. Behind `proxies` proxies of ours, each of which adds to
/// `X-Forwarded-For` whom it heard from, it is that many entries from the end: what stands before
/// was written by whoever asked, and may be a lie.
#[must_use]
pub fn address(request: &HttpRequest, proxies: u8) -> String {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let told = || {
        let headers = request.headers().get_all("x-forwarded-for");
        let lines: Vec<&str> = headers.filter_map(|v| v.to_str().ok()).collect();
        let entries: Vec<&str> = lines.iter().flat_map(|l| l.split(',')).collect();
        let at = entries.len().saturating_sub(usize::from(proxies));
        parse(entries.get(at)?)
    };
    let ip = if proxies == 0 { peer } else { told().or(peer) };
    ip.map(|ip| ip.to_canonical().to_string())
        .unwrap_or_default()
}

/// `10.0.0.1`, `10.0.0.1:80`, `::1`, `[::1]:80`.
fn parse(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry
        .trim_start_matches('[')
        .split(']')
        .next()
        .unwrap_or("");
    let ip = bare.parse().ok();
    ip.or_else(|| {
        entry
            .parse()
            .ok()
            .map(|with_port: std::net::SocketAddr| with_port.ip())
    })
}

/// What of an address is counted: one line at home has a whole /64 of IPv6.
#[must_use]
pub fn counted(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{address, counted};
    use actix_web::test::TestRequest;

    fn seen(forwarded: &[&str], proxies: u8) -> String {
        let mut request = TestRequest::get().peer_addr("10.9.9.9:4711".parse().unwrap());
        for line in forwarded {
            request = request.append_header(("x-forwarded-for", *line));
        }
        address(&request.to_http_request(), proxies)
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        let table: [(&[&str], u8, &str); 8] = [
            (&["1.1.1.1"], 0, "10.9.9.9"),
            (&["1.1.1.1"], 1, "1.1.1.1"),
            (&["6.6.6.6, 1.1.1.1"], 1, "1.1.1.1"),
            (&["6.6.6.6", "1.1.1.1"], 1, "1.1.1.1"),
            (&["6.6.6.6, 1.1.1.1, 10.0.0.2"], 2, "1.1.1.1"),
            (&["[2001:db8::1]:443"], 1, "2001:db8::1"),
            (&["unknown"], 1, "10.9.9.9"),
            (&[], 1, "10.9.9.9"),
        ];
        for (forwarded, proxies, expected) in table {
            assert_eq!(seen(forwarded, proxies), expected, "{forwarded:?}");
        }
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("10.0.0.1"), "10.0.0.1");
    }
}
