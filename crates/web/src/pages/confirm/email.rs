//! A member's new address.

use super::{ask as ask_for, gone};
use crate::extract::{Form, Posted, Visitor};
use crate::mail::{self, Letter};
use crate::pages::Page;
use actix_web::web::Path;
use adapters::store::{Purpose, StoreError, TokenHash};

pub(super) async fn ask(visitor: Visitor, token: Path<String>) -> Page {
    let hash = TokenHash::of(&token);
    let good = visitor.app.store.token_peek(Purpose::Email, &hash).await?;
    if good.is_none() {
        return Ok(gone(&visitor, "email", "/account"));
    }
    let token = token.into_inner();
    Ok(ask_for(&visitor, "confirm-email", "/confirm-email", token))
}

pub(super) async fn confirm(visitor: Visitor, form: Posted) -> Page {
    let form = Form::from(form.0);
    let hash = TokenHash::of(form.v("token"));
    let moved = match visitor.app.store.confirm_email(&hash, visitor.from()).await {
        Ok(moved) => moved,
        Err(StoreError::Conflict(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let Some((member, old)) = moved else {
        return Ok(gone(&visitor, "email", "/account"));
    };
    let letter = Letter::of(mail::language(&member), "email-changed", &[], None);
    mail::notice(&visitor.app, &member, &old, &letter).await?;
    visitor.say("ok", visitor.lang.t("confirm-email-done"));
    Ok(visitor.go("/account"))
}
