//! Forged forms are refused twice: by where the browser says they come from, and by a token that
//! only our own page knows.

use actix_session::Session;
use actix_web::HttpRequest;
use actix_web::http::header;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

const KEY: &str = "csrf";

/// The token of this browser session, made on first use. Empty if it could not be made or kept:
/// forms are refused then.
#[must_use]
pub fn token(session: &Session) -> String {
    if let Ok(Some(token)) = session.get::<String>(KEY) {
        return token;
    }
    fresh(session)
}

/// A new token; for the moment of logging in.
pub fn fresh(session: &Session) -> String {
    let mut bytes = [0_u8; 24];
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    let token = URL_SAFE_NO_PAD.encode(bytes);
    match session.insert(KEY, &token) {
        Ok(()) => token,
        Err(_) => String::new(),
    }
}

/// Whether the token that came with a form is this session's, in constant time.
#[must_use]
pub fn fits(session: &Session, given: &str) -> bool {
    match session.get::<String>(KEY) {
        Ok(Some(token)) if !token.is_empty() => token.as_bytes().ct_eq(given.as_bytes()).into(),
        _ => false,
    }
}

/// Whether the browser says that the request comes from our own pages. Programs without these
/// headers pass here and meet the token.
#[must_use]
pub fn same_site(request: &HttpRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match text(header::ORIGIN.as_str()) {
            None => true,
            Some(origin) => {
                let host = request.connection_info().host().to_owned();
                origin.split_once("://").is_some_and(|(_, o)| o == host)
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::same_site;
    use actix_web::test::TestRequest;

    #[test]
    fn a_request_from_another_site_is_seen() {
        let foreign = TestRequest::post().insert_header(("sec-fetch-site", "cross-site"));
        assert!(!same_site(&foreign.to_http_request()));
        let old = TestRequest::post()
            .insert_header(("host", "relevo.test"))
            .insert_header(("origin", "https://evil.test"));
        assert!(!same_site(&old.to_http_request()));
    }

    #[test]
    fn our_own_page_passes() {
        let own = TestRequest::post().insert_header(("sec-fetch-site", "same-origin"));
        assert!(same_site(&own.to_http_request()));
        let old = TestRequest::post()
            .insert_header(("host", "relevo.test"))
            .insert_header(("origin", "https://relevo.test"));
        assert!(same_site(&old.to_http_request()));
    }
}
