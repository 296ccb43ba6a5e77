//! Sets the new password. The link alone logs nobody in: a second factor is still asked for.

use super::view::ResetPage;
use crate::extract::{Form, Posted, Visitor};
use crate::mail::{self, Letter};
use crate::pages::Page;
use crate::pages::confirm::{gone, unreferred};
use crate::pages::shell::Shell;
use crate::pages::signup::check_password;
use crate::security::throttle::Door;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{PasswordHash, Purpose, TokenHash};
use domain::secret::Secret;

pub(super) async fn show(visitor: Visitor, token: Path<String>) -> Page {
    let hash = TokenHash::of(&token);
    let good = visitor.app.store.token_peek(Purpose::Reset, &hash).await?;
    if good.is_none() {
        return Ok(gone(&visitor, "reset", "/forgot"));
    }
    let page = ResetPage {
        s: Shell::outside(&visitor),
        f: Form::default(),
        token: token.into_inner(),
    };
    Ok(unreferred(StatusCode::OK, &page))
}

pub(super) async fn save(visitor: Visitor, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let password = Secret::new(form.v("password"));
    form.fields.set("password", "");
    let token = form.v("token").to_owned();
    let hash = TokenHash::of(&token);
    let app = visitor.app.clone();
    // Looked at first: a stranger's rubbish must not cost a password's hash.
    if app.store.token_peek(Purpose::Reset, &hash).await?.is_none() {
        return Ok(gone(&visitor, "reset", "/forgot"));
    }
    check_password(&mut form, "password", &password, visitor.lang);
    if !form.is_fine() {
        let page = ResetPage {
            s: Shell::outside(&visitor),
            f: form,
            token,
        };
        return Ok(unreferred(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let password = PasswordHash(app.passwords.hash(&password).await?);
    let Some(member) = app
        .store
        .reset_password(&hash, password, visitor.from())
        .await?
    else {
        return Ok(gone(&visitor, "reset", "/forgot"));
    };
    app.throttle.forgive(Door::LogIn, &member.email).await?;
    let letter = Letter::of(mail::language(&member), "password-changed", &[], None);
    mail::notice(&app, &member, &member.email, &letter).await?;
    visitor.say("ok", visitor.lang.t("reset-done"));
    Ok(visitor.go("/login"))
}
