//! Shows the team.

use super::view::{InvitedItem, MemberItem, TeamPage, roles};
use crate::extract::{Form, Manager, Member};
use crate::pages::limits;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use domain::tenant::Role;

pub(super) async fn list(Manager(member): Manager) -> Page {
    page(&member, Form::default(), None, StatusCode::OK).await
}

/// The team's page; `link` is that of an invitation just made.
pub(super) async fn page(
    member: &Member,
    form: Form,
    link: Option<String>,
    status: StatusCode,
) -> Page {
    let l = member.visitor.lang;
    let dates = member.dates();
    let team = member.store.team();
    let people = team.list().await?;
    let owners = people.iter().filter(|(m, _)| m.role == Role::Owner).count();
    let invited = team.invitations().await?;
    let now = member.visitor.app.clock.now();
    let chosen = Role::from_name(form.v("role")).unwrap_or(Role::Supervisor);
    let page = TeamPage {
        s: Shell::inside(member, Nav::Settings),
        tab: "team",
        roles: roles(chosen, l),
        members: people
            .iter()
            .map(|(m, since)| {
                let last_owner = m.role == Role::Owner && owners == 1;
                MemberItem::of(m, *since, member.who.id, last_owner, &dates, l)
            })
            .collect(),
        invited: invited
            .iter()
            .map(|i| InvitedItem::of(i, now, &dates, l))
            .collect(),
        full: limits::members(member).await?,
        f: form,
        link,
    };
    Ok(html(status, &page))
}
