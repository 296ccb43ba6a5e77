//! Another password: every other browser is logged out.

use super::again;
use super::security::page;
use crate::extract::{Form, Member, Posted};
use crate::mail::{self, Letter};
use crate::pages::Page;
use crate::pages::signup::check_password;
use crate::security::csrf;
use actix_web::http::StatusCode;
use adapters::store::PasswordHash;
use domain::secret::Secret;

pub(super) async fn change(member: Member, form: Posted) -> Page {
    let typed = Form::from(form.0);
    let new = Secret::new(typed.v("new_password"));
    let mut form = Form::default();
    let l = member.visitor.lang;
    check_password(&mut form, "new_password", &new, l);
    if form.is_fine()
        && let Some(why) = again(&member, typed.v("old_password")).await?
    {
        form.refuse("old_password", l.t(why));
    }
    if !form.is_fine() {
        return page(&member, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let app = &member.visitor.app;
    let hash = PasswordHash(app.passwords.hash(&new).await?);
    app.store
        .change_password(&member.who, member.store.acting(), hash, member.login)
        .await?;
    member.visitor.session.renew();
    csrf::fresh(&member.visitor.session);
    let letter = Letter::of(mail::language(&member.who), "password-changed", &[], None);
    mail::notice(app, &member.who, &member.who.email, &letter).await?;
    member.visitor.say("ok", l.t("account-password-changed"));
    Ok(member.visitor.go("/account/security"))
}
