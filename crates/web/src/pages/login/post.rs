//! Checks the password. The answer is the same whether the account exists or not, and takes as
//! long.

use super::start::{begin, halfway};
use super::view::LoginPage;
use crate::extract::{Form, Member, Posted, Visitor, own_path};
use crate::mail::MailMode;
use crate::pages::shell::Shell;
use crate::pages::signup::sent_page;
use crate::pages::{Page, html};
use crate::security::throttle::Door;
use actix_web::http::StatusCode;
use adapters::password::Verdict;
use adapters::store::PasswordHash;
use domain::secret::Secret;

pub(super) async fn log_in(visitor: Visitor, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let email = form.v("email").to_lowercase();
    let password = Secret::new(form.v("password"));
    form.fields.set("password", "");
    let app = visitor.app.clone();
    let throttle = &app.throttle;
    if !throttle.may(Door::LogIn, &visitor.address, &email).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok(refused(&visitor, form, status, "login-too-many"));
    }
    let found = app.store.credentials(&email).await?;
    let hash = found.as_ref().map(|c| c.password_hash.0.as_str());
    let verdict = app.passwords.verify(&password, hash).await?;
    let (Some(found), Verdict::Right { rehash }) = (found, verdict) else {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(refused(&visitor, form, status, "login-wrong"));
    };
    if found.disabled {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(refused(&visitor, form, status, "login-wrong"));
    }
    throttle.forgive(Door::LogIn, &email).await?;
    if rehash {
        let stronger = PasswordHash(app.passwords.hash(&password).await?);
        app.store.set_password(found.member.id, stronger).await?;
    }
    // Where no mail is sent, nobody can prove an address and nobody is asked to.
    if !found.confirmed && app.mail != MailMode::Off {
        return Ok(sent_page(&visitor, &email, "unproven"));
    }
    let next = own_path(form.v("next"));
    if found.second_factor {
        halfway(&visitor, &found.member, next)?;
        return Ok(visitor.go("/login/code"));
    }
    begin(&visitor, &found.member).await?;
    Ok(visitor.go(next))
}

fn refused(
    visitor: &Visitor,
    form: Form,
    status: StatusCode,
    key: &str,
) -> actix_web::HttpResponse {
    let page = LoginPage {
        problem: Some(visitor.lang.t(key)),
        s: Shell::outside(visitor),
        f: form,
    };
    html(status, &page)
}

pub(super) async fn log_out(member: Member, _form: Posted) -> Page {
    let store = &member.visitor.app.store;
    store.login_end(&member.who, member.login).await?;
    member.visitor.session.purge();
    Ok(member.visitor.go("/login"))
}
