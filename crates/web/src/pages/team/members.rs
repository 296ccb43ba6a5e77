//! Changes a member's role, and removes a member.

use crate::extract::{Member, Owner, Posted};
use crate::pages::error::PageError;
use crate::pages::parts::ConfirmPage;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::StoreError;
use domain::ids::MemberId;
use domain::tenant::Role;
use uuid::Uuid;

/// Says how it went, on the team's page.
fn told(member: &Member, done: Result<domain::tenant::Member, StoreError>, key: &str) -> Page {
    let visitor = &member.visitor;
    match done {
        Ok(other) => visitor.say("ok", visitor.lang.with(key, "name", other.name)),
        Err(StoreError::Conflict(_)) => visitor.say("danger", visitor.lang.t("team-last-owner")),
        Err(error) => return Err(error.into()),
    }
    Ok(visitor.go("/settings/team"))
}

pub(super) async fn role(Owner(member): Owner, id: Path<Uuid>, form: Posted) -> Page {
    let team = member.store.team();
    let role = Role::from_name(form.0.get("role")).ok_or(PageError::NotFound)?;
    let done = team.set_role(MemberId(*id), role).await;
    told(&member, done, "team-role-changed")
}

pub(super) async fn ask_remove(Owner(member): Owner, id: Path<Uuid>) -> Page {
    let other = member.store.team().get(MemberId(*id)).await?;
    let l = member.visitor.lang;
    let page = ConfirmPage {
        title: l.with("team-remove-title", "name", &other.name),
        lines: vec![l.t("team-remove-text")],
        action: format!("/settings/team/{}/remove", other.id),
        button: l.t("team-remove-button"),
        back: "/settings/team".to_owned(),
        s: Shell::inside(&member, Nav::Settings),
    };
    Ok(html(StatusCode::OK, &page))
}

pub(super) async fn remove(Owner(member): Owner, id: Path<Uuid>, _form: Posted) -> Page {
    let done = member.store.team().remove(MemberId(*id)).await;
    told(&member, done, "team-removed")
}
