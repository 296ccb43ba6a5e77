//! A member's own account: name and address, password and second factor, where they are logged in.

mod device;
mod email;
mod factor;
mod logins;
mod password;
mod profile;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod samples;
mod security;
pub(crate) mod view;

use crate::extract::Member;
use crate::pages::error::PageError;
use crate::pages::parts::back_to;
use crate::security::throttle::Door;
use actix_web::web;
use adapters::password::Verdict;
use domain::secret::Secret;

/// `/account…`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/account", web::get().to(profile::show))
        .route("/account", web::post().to(profile::save))
        .route("/account/email", back_to("/account"))
        .route("/account/email", web::post().to(email::change))
        .route("/account/security", web::get().to(security::show))
        .route("/account/password", back_to("/account/security"))
        .route("/account/password", web::post().to(password::change))
        .route("/account/second-factor", web::get().to(factor::show))
        .route("/account/second-factor", web::post().to(factor::offer))
        .route(
            "/account/second-factor/{step}",
            back_to("/account/second-factor"),
        )
        .route("/account/second-factor/on", web::post().to(factor::on))
        .route("/account/second-factor/off", web::post().to(factor::off))
        .route(
            "/account/second-factor/codes",
            web::post().to(factor::renew),
        )
        .route("/account/logins", web::get().to(logins::show))
        .route("/account/logins/end", web::post().to(logins::end_all))
        .route("/account/logins/{id}/end", web::post().to(logins::end));
}

/// Asks for the password once more before something that a thief of an open browser must not do;
/// the key of what to say beside the field if it is refused.
async fn again(member: &Member, password: &str) -> Result<Option<&'static str>, PageError> {
    let app = &member.visitor.app;
    let account = member.who.id.to_string();
    let address = &member.visitor.address;
    if !app.throttle.may(Door::Password, address, &account).await? {
        return Ok(Some("login-too-many"));
    }
    let found = app.store.credentials_of(member.who.id).await?;
    let hash = found.as_ref().map(|c| c.password_hash.0.as_str());
    match app.passwords.verify(&Secret::new(password), hash).await? {
        Verdict::Right { .. } => {
            app.throttle.forgive(Door::Password, &account).await?;
            Ok(None)
        }
        Verdict::Wrong => Ok(Some("account-wrong-password")),
    }
}
