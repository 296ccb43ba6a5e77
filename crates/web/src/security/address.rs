//! What is wrong with an address that a member typed, in their language.

use crate::i18n::Lang;
use adapters::net::{Guarded, UrlRefused};

/// Whether we may call it, including where its name leads now.
///
/// # Errors
/// Words to say beside the field.
pub async fn check(guarded: &Guarded, address: &str, l: Lang) -> Result<(), String> {
    let key = match guarded.check(address).await {
        Ok(_) => return Ok(()),
        Err(UrlRefused::PrivateAddress) => "wrong-private",
        Err(UrlRefused::UnknownHost) => "wrong-host",
        Err(UrlRefused::UserInfo) => "wrong-userinfo",
        Err(UrlRefused::Malformed | UrlRefused::Scheme | UrlRefused::HttpsOnly) => "wrong-url",
    };
    Err(l.t(key))
}
