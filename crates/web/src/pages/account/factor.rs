//! The second factor: learnt by an authenticator, turned on by its first code, turned off with
//! the password.

use super::view::{CodesPage, FactorPage};
use super::{again, security};
use crate::extract::{Form, Member, Posted};
use crate::mail::{self, Letter};
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use crate::security::factor;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;

/// Offers a new secret. One that is in use goes on until the new one proves itself.
pub(super) async fn offer(member: Member, _form: Posted) -> Page {
    factor::offer(&member.visitor.app, &member.who).await?;
    Ok(member.visitor.go("/account/second-factor"))
}

pub(super) async fn show(member: Member) -> Page {
    page(&member, Form::default(), StatusCode::OK).await
}

async fn page(member: &Member, form: Form, status: StatusCode) -> Page {
    let Some(offered) = factor::offered(&member.visitor.app, &member.who).await? else {
        return Ok(member.visitor.go("/account/security"));
    };
    let page = FactorPage {
        s: Shell::inside(member, Nav::Nowhere),
        tab: "security",
        f: form,
        qr: offered.qr,
        key: offered.key,
    };
    Ok(html(status, &page))
}

pub(super) async fn on(member: Member, form: Posted) -> Page {
    let typed = Form::from(form.0);
    let l = member.visitor.lang;
    let mut form = Form::default();
    if let Some(why) = again(&member, typed.v("factor_password")).await? {
        form.refuse("factor_password", l.t(why));
        return page(&member, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let app = &member.visitor.app;
    let Some(codes) =
        factor::turn_on(app, &member.who, member.store.acting(), typed.v("code")).await?
    else {
        form.refuse("code", l.t("login-code-wrong"));
        return page(&member, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    tell(&member, "factor-on").await?;
    Ok(shown_once(&member, codes))
}

pub(super) async fn off(member: Member, form: Posted) -> Page {
    let typed = Form::from(form.0);
    if let Some(refused) = refused(&member, &typed, "off_password").await? {
        return Ok(refused);
    }
    let store = &member.visitor.app.store;
    store.factor_off(&member.who, member.store.acting()).await?;
    tell(&member, "factor-off").await?;
    let l = member.visitor.lang;
    member.visitor.say("ok", l.t("factor-is-off"));
    Ok(member.visitor.go("/account/security"))
}

pub(super) async fn renew(member: Member, form: Posted) -> Page {
    let typed = Form::from(form.0);
    if let Some(refused) = refused(&member, &typed, "codes_password").await? {
        return Ok(refused);
    }
    let app = &member.visitor.app;
    if app.store.factor(&member.who).await?.active.is_none() {
        return Ok(member.visitor.go("/account/security"));
    }
    let codes = factor::renew_codes(app, &member.who, member.store.acting()).await?;
    Ok(shown_once(&member, codes))
}

/// The page of security with what is wrong with the password in `field`.
async fn refused(
    member: &Member,
    typed: &Form,
    field: &str,
) -> Result<Option<HttpResponse>, PageError> {
    let Some(why) = again(member, typed.v(field)).await? else {
        return Ok(None);
    };
    let mut form = Form::default();
    form.refuse(field, member.visitor.lang.t(why));
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    security::page(member, form, status).await.map(Some)
}

fn shown_once(member: &Member, codes: Vec<String>) -> HttpResponse {
    let page = CodesPage {
        s: Shell::inside(member, Nav::Nowhere),
        tab: "security",
        codes,
    };
    html(StatusCode::OK, &page)
}

async fn tell(member: &Member, key: &str) -> Result<(), PageError> {
    let letter = Letter::of(mail::language(&member.who), key, &[], None);
    mail::notice(&member.visitor.app, &member.who, &member.who.email, &letter).await
}
