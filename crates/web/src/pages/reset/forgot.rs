//! Asks for the address and sends a link, if there is an account; the answer does not tell.

use super::view::ForgotPage;
use crate::extract::{Form, Posted, Visitor};
use crate::mail::{self, Letter, Link, MailMode};
use crate::pages::error::PageError;
use crate::pages::parts::is_email;
use crate::pages::shell::Shell;
use crate::pages::signup::sent_page;
use crate::pages::{Page, html};
use crate::security::floor::level;
use crate::security::throttle::Door;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use adapters::store::Purpose;
use std::time::Duration;

/// How long the link is good.
const LASTS: Duration = Duration::from_secs(3600);

pub(super) async fn show(visitor: Visitor) -> Page {
    Ok(page(&visitor, Form::default(), StatusCode::OK, None))
}

pub(super) async fn send(visitor: Visitor, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let email = form.v("email").to_lowercase();
    if visitor.app.mail == MailMode::Off {
        return Ok(page(&visitor, form, StatusCode::OK, None));
    }
    if !is_email(&email) {
        form.refuse("email", visitor.lang.t("wrong-email"));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(page(&visitor, form, status, None));
    }
    let throttle = &visitor.app.throttle;
    if !throttle.may(Door::Link, &visitor.address, &email).await? {
        let problem = Some(visitor.lang.t("login-too-many"));
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Ok(page(&visitor, form, status, problem));
    }
    level(async {
        post(&visitor, &email).await?;
        Ok(sent_page(&visitor, &email, "reset"))
    })
    .await
}

async fn post(visitor: &Visitor, email: &str) -> Result<(), PageError> {
    let found = visitor.app.store.credentials(email).await?;
    let Some(found) = found.filter(|c| !c.disabled) else {
        return Ok(());
    };
    let member = found.member;
    let link = Link {
        tenant: member.tenant,
        member: Some(member.id),
        purpose: Purpose::Reset,
        data: serde_json::json!({}),
        page: "/reset",
        lasts: LASTS,
    };
    let l = mail::language(&member);
    mail::issue(&visitor.app, &member.email, link, |to| {
        Letter::of(l, "reset", &[], Some(to))
    })
    .await
}

fn page(
    visitor: &Visitor,
    form: Form,
    status: StatusCode,
    problem: Option<String>,
) -> HttpResponse {
    let page = ForgotPage {
        s: Shell::outside(visitor),
        f: form,
        problem,
        mails: visitor.app.mail != MailMode::Off,
    };
    html(status, &page)
}
