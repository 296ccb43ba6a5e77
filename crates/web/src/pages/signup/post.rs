//! Makes the company, its owner and its sealing key. Where mails are sent, the answer is the same
//! whether the address has an account or not: its owner learns it by mail.

use super::again::{prove_address, sent_page, tell_owner};
use super::view::SignupPage;
use super::{JOINING, LONGEST_NAME, check_password};
use crate::extract::{Form, Posted, Visitor};
use crate::i18n::is_zone;
use crate::mail::MailMode;
use crate::pages::error::PageError;
use crate::pages::parts::{is_email, zones};
use crate::pages::shell::Shell;
use crate::pages::{Page, html, login};
use crate::security::floor::level;
use crate::security::throttle::Door;
use actix_web::http::StatusCode;
use adapters::store::{NewTenant, PasswordHash, StoreError};
use domain::secret::Secret;

pub(super) async fn sign_up(visitor: Visitor, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let password = Secret::new(form.v("password"));
    form.fields.set("password", "");
    check(&visitor, &mut form, &password);
    if !form.is_fine() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(refused(&visitor, form, status, None));
    }
    let email = form.v("email").to_lowercase();
    let throttle = &visitor.app.throttle;
    if !throttle.may(Door::SignUp, &visitor.address, &email).await? {
        let problem = Some(visitor.lang.t("login-too-many"));
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok(refused(&visitor, form, status, problem));
    }
    let hash = visitor.app.passwords.hash(&password).await?;
    let new = NewTenant {
        company: form.v("company").to_owned(),
        name: form.v("name").to_owned(),
        email,
        password_hash: PasswordHash(hash),
        language: visitor.lang.0,
        time_zone: form.v("time_zone").to_owned(),
    };
    if visitor.app.mail == MailMode::Off {
        at_once(visitor, form, new).await
    } else {
        level(by_mail(visitor, new)).await
    }
}

/// Without mails nobody can prove an address: the owner is in at once.
async fn at_once(visitor: Visitor, mut form: Form, new: NewTenant) -> Page {
    match visitor.app.store.sign_up(new).await {
        Ok(member) => {
            prepare(&visitor, member.tenant).await?;
            login::begin(&visitor, &member).await?;
            Ok(visitor.go("/"))
        }
        Err(StoreError::Conflict(_)) => {
            form.refuse("email", visitor.lang.t("signup-email-taken"));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(refused(&visitor, form, status, None))
        }
        Err(error) => Err(error.into()),
    }
}

async fn by_mail(visitor: Visitor, new: NewTenant) -> Page {
    let email = new.email.clone();
    match visitor.app.store.sign_up_unproven(new).await {
        Ok(member) => {
            prepare(&visitor, member.tenant).await?;
            prove_address(&visitor, &member).await?;
            visitor
                .session
                .insert(JOINING, member.id)
                .map_err(|e| PageError::Broken(e.to_string()))?;
        }
        Err(StoreError::Conflict(_)) => {
            visitor.session.remove(JOINING);
            tell_owner(&visitor, &email).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(sent_page(&visitor, &email, "signup"))
}

async fn prepare(visitor: &Visitor, tenant: domain::ids::TenantId) -> Result<(), PageError> {
    let ready = visitor.app.vault.prepare(tenant).await;
    ready.map_err(|e| PageError::Unavailable(e.to_string()))
}

fn check(visitor: &Visitor, form: &mut Form, password: &Secret) {
    let t = |key| visitor.lang.t(key);
    for name in ["company", "name"] {
        match form.v(name).chars().count() {
            0 => form.refuse(name, t("wrong-empty")),
            n if n > LONGEST_NAME => form.refuse(name, t("wrong-long")),
            _ => {}
        }
    }
    if !is_email(form.v("email")) {
        form.refuse("email", t("wrong-email"));
    }
    check_password(form, "password", password, visitor.lang);
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
        zones: zones(form.v("time_zone"), visitor.lang),
        f: form,
        problem,
    };
    html(status, &page)
}
