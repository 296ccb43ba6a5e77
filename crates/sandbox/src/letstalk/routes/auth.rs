//! `Authorization: Basic base64(<api key>:X)`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::errors::Refusal;

/// The API key of a request. Whose it is, and whether it is valid, the store knows.
pub(super) struct Key(pub String);

impl FromRequest for Key {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(req).ok_or(Refusal::Unauthorized))
    }
}

fn read(req: &HttpRequest) -> Option<Key> {
    let header = req.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    // The password is always the letter X.
    let key = text.strip_suffix(":X")?;
    (!key.is_empty()).then(|| Key(key.to_owned()))
}
