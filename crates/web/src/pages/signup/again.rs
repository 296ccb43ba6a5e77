//! «Look into your mail», and the same link once more.

use super::view::SentPage;
use crate::extract::{Form, Posted, Visitor};
use crate::mail::{self, Letter, Link, MailMode};
use crate::pages::error::PageError;
use crate::pages::shell::Shell;
use crate::pages::{Page, html};
use crate::security::floor::level;
use crate::security::throttle::Door;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use adapters::store::Purpose;
use domain::tenant::Member;
use std::time::Duration;

/// How long the link is good.
const LASTS: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn send(visitor: Visitor, form: Posted) -> Page {
    let form = Form::from(form.0);
    let email = form.v("email").to_lowercase();
    let throttle = &visitor.app.throttle;
    if !throttle.may(Door::Link, &visitor.address, &email).await? {
        return Ok(page(
            &visitor,
            &email,
            "signup",
            StatusCode::TOO_MANY_REQUESTS,
            Some(visitor.lang.t("login-too-many")),
        ));
    }
    level(async {
        match visitor.app.store.credentials(&email).await? {
            Some(found) if found.disabled => {}
            Some(found) if !found.confirmed => prove_address(&visitor, &found.member).await?,
            Some(_) => tell_owner(&visitor, &email).await?,
            None => {}
        }
        Ok(sent_page(&visitor, &email, "again"))
    })
    .await
}

/// Sends the link that proves the address of whoever signed up.
pub(super) async fn prove_address(visitor: &Visitor, member: &Member) -> Result<(), PageError> {
    let link = Link {
        tenant: member.tenant,
        member: Some(member.id),
        purpose: Purpose::Confirm,
        data: serde_json::json!({}),
        page: "/confirm",
        lasts: LASTS,
    };
    let l = mail::language(member);
    mail::issue(&visitor.app, &member.email, link, |to| {
        Letter::of(l, "confirm", &[], Some(to))
    })
    .await
}

/// Tells the owner of an account that somebody signed up with their address.
pub(super) async fn tell_owner(visitor: &Visitor, email: &str) -> Result<(), PageError> {
    let Some(found) = visitor.app.store.credentials(email).await? else {
        return Ok(());
    };
    let to_login = Some(visitor.app.address("/login"));
    let letter = Letter::of(mail::language(&found.member), "exists", &[], to_login);
    mail::notice(&visitor.app, &found.member, &found.member.email, &letter).await
}

/// «Look into your mail». `why`: `signup`, `again`, `unproven` or `reset`.
pub(crate) fn sent_page(visitor: &Visitor, email: &str, why: &'static str) -> HttpResponse {
    page(visitor, email, why, StatusCode::OK, None)
}

fn page(
    visitor: &Visitor,
    email: &str,
    why: &'static str,
    status: StatusCode,
    problem: Option<String>,
) -> HttpResponse {
    let page = SentPage {
        lead: visitor.lang.with(&format!("sent-{why}"), "email", email),
        again: if why == "reset" {
            "/forgot"
        } else {
            "/signup/again"
        },
        outbox: visitor.app.mail == MailMode::Keep,
        email: email.to_owned(),
        problem,
        s: Shell::outside(visitor),
    };
    html(status, &page)
}
