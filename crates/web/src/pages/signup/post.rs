//! Makes the company, its owner and its sealing key.

use super::view::SignupPage;
use crate::extract::{Form, Posted, Visitor};
use crate::i18n::is_zone;
use crate::pages::error::PageError;
use crate::pages::parts::{is_email, zones};
use crate::pages::shell::Shell;
use crate::pages::{Page, html, login};
use actix_web::http::StatusCode;
use adapters::store::{NewTenant, PasswordHash, StoreError};
use domain::secret::Secret;

const SHORTEST_PASSWORD: usize = 10;
const LONGEST: usize = 120;

pub(super) async fn sign_up(visitor: Visitor, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let password = Secret::new(form.v("password"));
    form.fields.set("password", "");
    check(&visitor, &mut form, &password);
    if !visitor.app.throttle.may_sign_up(&visitor.address) {
        let problem = Some(visitor.lang.t("login-too-many"));
        return Ok(refused(
            &visitor,
            form,
            StatusCode::TOO_MANY_REQUESTS,
            problem,
        ));
    }
    if !form.is_fine() {
        return Ok(refused(
            &visitor,
            form,
            StatusCode::UNPROCESSABLE_ENTITY,
            None,
        ));
    }
    let hash = visitor.app.passwords.hash(&password).await?;
    let new = NewTenant {
        company: form.v("company").to_owned(),
        name: form.v("name").to_owned(),
        email: form.v("email").to_lowercase(),
        password_hash: PasswordHash(hash),
        language: visitor.lang.0,
        time_zone: form.v("time_zone").to_owned(),
    };
    match visitor.app.store.sign_up(new).await {
        Ok(member) => {
            let ready = visitor.app.vault.prepare(member.tenant).await;
            ready.map_err(|e| PageError::Unavailable(e.to_string()))?;
            login::begin(&visitor, member.id)?;
            Ok(visitor.go("/"))
        }
        Err(StoreError::Conflict(_)) => {
            form.refuse("email", visitor.lang.t("signup-email-taken"));
            Ok(refused(
                &visitor,
                form,
                StatusCode::UNPROCESSABLE_ENTITY,
                None,
            ))
        }
        Err(error) => Err(error.into()),
    }
}

fn check(visitor: &Visitor, form: &mut Form, password: &Secret) {
    let t = |key| visitor.lang.t(key);
    for name in ["company", "name"] {
        match form.v(name).chars().count() {
            0 => form.refuse(name, t("wrong-empty")),
            n if n > LONGEST => form.refuse(name, t("wrong-long")),
            _ => {}
        }
    }
    if !is_email(form.v("email")) {
        form.refuse("email", t("wrong-email"));
    }
    match password.expose().chars().count() {
        n if n < SHORTEST_PASSWORD => form.refuse("password", t("wrong-password")),
        n if n > 200 => form.refuse("password", t("wrong-long")),
        _ => {}
    }
    if !is_zone(form.v("time_zone")) {
        form.refuse("time_zone", t("wrong-zone"));
    }
}

fn refused(
    visitor: &Visitor,
    form: Form,
    status: StatusCode,
    problem: Option<String>,
) -> actix_web::HttpResponse {
    let page = SignupPage {
        s: Shell::outside(visitor),
        zones: zones(form.v("time_zone")),
        f: form,
        problem,
    };
    html(status, &page)
}
