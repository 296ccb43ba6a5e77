//! An invited person sets name and password and is a member. The answer to a link that is no good
//! does not tell why.

use super::view::JoinPage;
use crate::extract::{Form, Posted, Visitor};
use crate::pages::error::PageError;
use crate::pages::shell::Shell;
use crate::pages::signup::{LONGEST_NAME, check_password};
use crate::pages::{Page, html, login};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{Invitation, Joining, PasswordHash, StoreError};
use domain::secret::Secret;
use sha2::{Digest, Sha256};

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

async fn good(visitor: &Visitor, token: &str) -> Result<Invitation, PageError> {
    let found = visitor.app.store.invitation(&hash(token)).await?;
    found.ok_or(PageError::NotFound)
}

async fn page(
    visitor: &Visitor,
    token: &str,
    invitation: &Invitation,
    form: Form,
    status: StatusCode,
) -> Page {
    let tenant = visitor.app.store.tenant(invitation.tenant).tenant().await?;
    let page = JoinPage {
        s: Shell::outside(visitor),
        company: tenant.name,
        invited_by: invitation.invited_by.clone(),
        email: invitation.email.clone(),
        role: visitor.lang.word("role", invitation.role.name()),
        action: format!("/join/{token}"),
        f: form,
    };
    Ok(html(status, &page))
}

pub(super) async fn show(visitor: Visitor, token: Path<String>) -> Page {
    let invitation = good(&visitor, &token).await?;
    page(
        &visitor,
        &token,
        &invitation,
        Form::default(),
        StatusCode::OK,
    )
    .await
}

pub(super) async fn join(visitor: Visitor, token: Path<String>, form: Posted) -> Page {
    let invitation = good(&visitor, &token).await?;
    let mut form = Form::from(form.0);
    let l = visitor.lang;
    let password = Secret::new(form.v("password"));
    form.fields.set("password", "");
    let name = form.v("name").to_owned();
    match name.chars().count() {
        0 => form.refuse("name", l.t("wrong-empty")),
        n if n > LONGEST_NAME => form.refuse("name", l.t("wrong-long")),
        _ => {}
    }
    check_password(&mut form, "password", &password, l);
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    if !form.is_fine() {
        return page(&visitor, &token, &invitation, form, wrong).await;
    }
    let password = PasswordHash(visitor.app.passwords.hash(&password).await?);
    let joining = Joining {
        name,
        password,
        language: l.0,
        address: Some(visitor.address.clone()).filter(|a| !a.is_empty()),
    };
    match visitor.app.store.accept(&hash(&token), joining).await {
        Ok(Some(member)) => {
            login::begin(&visitor, &member).await?;
            visitor.say("ok", l.t("join-welcome"));
            Ok(visitor.go("/"))
        }
        Ok(None) => Err(PageError::NotFound),
        Err(StoreError::Conflict(_)) => {
            form.refuse("email", l.t("join-taken"));
            page(&visitor, &token, &invitation, form, wrong).await
        }
        Err(error) => Err(error.into()),
    }
}
