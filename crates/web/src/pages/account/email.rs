//! Another address: the new one must be proven, and the password asked for, before it counts.

use super::again;
use super::profile::{fill, page};
use crate::extract::{Form, Member, Posted};
use crate::mail::{self, Letter, Link, MailMode};
use crate::pages::Page;
use crate::pages::error::PageError;
use crate::pages::parts::is_email;
use crate::security::throttle::Door;
use actix_web::http::StatusCode;
use adapters::store::{Purpose, StoreError};
use std::time::Duration;

/// How long the link is good.
const LASTS: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn change(member: Member, form: Posted) -> Page {
    let typed = Form::from(form.0);
    let mut form = fill(&member);
    let email = typed.v("new_email").to_lowercase();
    form.fields.set("new_email", email.clone());
    let l = member.visitor.lang;
    if !is_email(&email) {
        form.refuse("new_email", l.t("wrong-email"));
    } else if email == member.who.email {
        form.refuse("new_email", l.t("account-email-same"));
    } else if let Some(why) = again(&member, typed.v("email_password")).await? {
        form.refuse("email_password", l.t(why));
    }
    let app = &member.visitor.app;
    if form.is_fine() && app.mail == MailMode::Off {
        match app
            .store
            .change_email(&member.who, member.store.acting(), &email)
            .await
        {
            Ok(()) => {
                member.visitor.say("ok", l.t("confirm-email-done"));
                return Ok(member.visitor.go("/account"));
            }
            Err(StoreError::Conflict(_)) => form.refuse("new_email", l.t("signup-email-taken")),
            Err(error) => return Err(error.into()),
        }
    }
    if form.is_fine() {
        let account = member.who.id.to_string();
        let address = &member.visitor.address;
        if !app.throttle.may(Door::Link, address, &account).await? {
            form.refuse("new_email", l.t("login-too-many"));
        }
    }
    if !form.is_fine() {
        return Ok(page(&member, form, StatusCode::UNPROCESSABLE_ENTITY));
    }
    send(&member, &email).await?;
    let words = l.with("account-email-sent", "email", &email);
    member.visitor.say("ok", words);
    Ok(member.visitor.go("/account"))
}

/// The link to the new address; or, if that is somebody's, words to them. The page says the same.
async fn send(member: &Member, email: &str) -> Result<(), PageError> {
    let app = &member.visitor.app;
    if let Some(other) = app.store.credentials(email).await? {
        let l = mail::language(&other.member);
        let letter = Letter::of(l, "exists", &[], Some(app.address("/login")));
        return mail::notice(app, &other.member, email, &letter).await;
    }
    let link = Link {
        tenant: member.who.tenant,
        member: Some(member.who.id),
        purpose: Purpose::Email,
        data: serde_json::json!({ "email": email }),
        page: "/confirm-email",
        lasts: LASTS,
    };
    let l = mail::language(&member.who);
    mail::issue(app, email, link, |to| Letter::of(l, "email", &[], Some(to))).await
}
