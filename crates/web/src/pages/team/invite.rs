//! Invites somebody, and takes it back.

use super::get::page;
use crate::extract::{Form, Owner, Posted};
use crate::mail::{self, Letter};
use crate::pages::Page;
use crate::pages::limits;
use crate::pages::parts::is_email;
use crate::security::sealed;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{NewInvitation, StoreError};
use domain::ids::InvitationId;
use domain::tenant::Role;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// How long the link of an invitation is good.
const LASTS: Duration = Duration::from_secs(7 * 86_400);

/// Makes an invitation and shows its link this once; only its hash is kept.
pub(super) async fn send(Owner(member): Owner, form: Posted) -> Page {
    let mut form = Form::from(form.0);
    let l = member.visitor.lang;
    let email = form.v("email").to_lowercase();
    if !is_email(&email) {
        form.refuse("email", l.t("wrong-email"));
    }
    let role = Role::from_name(form.v("role"));
    if role.is_none() {
        form.refuse("role", l.t("wrong-choose"));
    }
    if let Some(why) = limits::members(&member).await? {
        form.refuse("email", why);
    }
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(role) = role.filter(|_| form.is_fine()) else {
        return page(&member, form, None, wrong).await;
    };
    let token = sealed::random_token()?;
    let new = NewInvitation {
        email,
        role,
        hash: Sha256::digest(token.as_bytes()).to_vec(),
        expires_at: member.visitor.app.clock.now().after(LASTS),
    };
    match member.store.team().invite(new).await {
        Ok(made) => {
            let app = &member.visitor.app;
            let link = app.address(&format!("/join/{token}"));
            // Only proven words about who invites: a company can call itself anything.
            let from = [("email", member.who.email.as_str())];
            let letter = Letter::of(l, "invite", &from, Some(link.clone()));
            mail::invite(app, made.tenant, &made.email, &letter, made.expires_at).await?;
            page(&member, Form::default(), Some(link), StatusCode::CREATED).await
        }
        Err(StoreError::Conflict(_)) => {
            form.refuse("email", l.t("team-already"));
            page(&member, form, None, wrong).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn withdraw(Owner(member): Owner, id: Path<Uuid>, _form: Posted) -> Page {
    let gone = member.store.team().withdraw(InvitationId(*id)).await?;
    let visitor = &member.visitor;
    visitor.say(
        "ok",
        visitor.lang.with("team-withdrawn", "name", gone.email),
    );
    Ok(visitor.go("/settings/team"))
}
