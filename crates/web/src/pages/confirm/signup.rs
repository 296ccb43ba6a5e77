//! The address of whoever signed up.

use super::{ask as ask_for, gone};
use crate::extract::{Form, Posted, Visitor};
use crate::pages::signup::JOINING;
use crate::pages::{Page, login};
use actix_web::web::Path;
use adapters::store::{Purpose, TokenHash};
use domain::ids::MemberId;

pub(super) async fn ask(visitor: Visitor, token: Path<String>) -> Page {
    let hash = TokenHash::of(&token);
    let good = visitor
        .app
        .store
        .token_peek(Purpose::Confirm, &hash)
        .await?;
    if good.is_none() {
        return Ok(gone(&visitor, "confirm", "/login"));
    }
    Ok(ask_for(&visitor, "confirm", "/confirm", token.into_inner()))
}

pub(super) async fn confirm(visitor: Visitor, form: Posted) -> Page {
    let form = Form::from(form.0);
    let hash = TokenHash::of(form.v("token"));
    let Some(member) = visitor.app.store.confirm_member(&hash).await? else {
        return Ok(gone(&visitor, "confirm", "/login"));
    };
    visitor.say("ok", visitor.lang.t("confirm-done"));
    // Only the browser that signed up gets in by the link alone: whoever signed up with a
    // stranger's address does not get their session, and they do not get into his account.
    let joining = visitor.session.get::<MemberId>(JOINING).ok().flatten();
    visitor.session.remove(JOINING);
    if joining == Some(member.id) {
        login::begin(&visitor, &member).await?;
        return Ok(visitor.go("/"));
    }
    Ok(visitor.go("/login"))
}
