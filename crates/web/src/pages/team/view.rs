//! What the team's pages show.

use crate::extract::Form;
use crate::i18n::{Dates, Lang};
use crate::pages::parts::{Badge, Choice};
use crate::pages::shell::{Shell, initials};
use adapters::store::Invitation;
use askama::Template;
use domain::ids::MemberId;
use domain::tenant::{Member, Role};
use domain::time::Timestamp;

#[derive(Template)]
#[template(path = "settings_team.html")]
pub(crate) struct TeamPage {
    pub s: Shell,
    pub tab: &'static str,
    pub f: Form,
    pub members: Vec<MemberItem>,
    pub invited: Vec<InvitedItem>,
    pub roles: Vec<RoleChoice>,
    /// Why nobody else can be invited.
    pub full: Option<String>,
    /// Shown this once.
    pub link: Option<String>,
}

#[derive(Template)]
#[template(path = "join.html")]
pub(crate) struct JoinPage {
    pub s: Shell,
    pub f: Form,
    pub company: String,
    pub invited_by: String,
    pub email: String,
    pub role: String,
    pub action: String,
}

/// A role to choose, with what it may do.
pub(crate) struct RoleChoice {
    pub choice: Choice,
    pub hint: String,
}

/// The roles, from most to least.
pub(crate) fn roles(chosen: Role, l: Lang) -> Vec<RoleChoice> {
    let each = Role::ALL.into_iter().map(|role| RoleChoice {
        choice: Choice::new(role.name(), l.word("role", role.name()), role == chosen),
        hint: l.word("role-may", role.name()),
    });
    each.collect()
}

/// A member as listed.
pub(crate) struct MemberItem {
    pub id: String,
    pub name: String,
    pub email: String,
    pub initials: String,
    pub since: String,
    pub role: String,
    pub roles: Vec<Choice>,
    pub is_me: bool,
    /// The only owner: stays.
    pub last_owner: bool,
}

impl MemberItem {
    pub fn of(
        member: &Member,
        since: Timestamp,
        me: MemberId,
        last_owner: bool,
        dates: &Dates,
        l: Lang,
    ) -> Self {
        let choices = Role::ALL.into_iter().map(|role| {
            let on = role == member.role;
            Choice::new(role.name(), l.word("role", role.name()), on)
        });
        Self {
            id: member.id.to_string(),
            name: member.name.clone(),
            email: member.email.clone(),
            initials: initials(&member.name),
            since: l.with("team-since", "when", dates.day(since)),
            role: l.word("role", member.role.name()),
            roles: choices.collect(),
            is_me: member.id == me,
            last_owner,
        }
    }
}

/// An invitation as listed.
pub(crate) struct InvitedItem {
    pub id: String,
    pub email: String,
    pub role: String,
    pub badge: Badge,
}

impl InvitedItem {
    pub fn of(invitation: &Invitation, now: Timestamp, dates: &Dates, l: Lang) -> Self {
        let badge = if invitation.expires_at <= now {
            Badge::new("warn", l.t("team-expired"))
        } else {
            let until = dates.short(invitation.expires_at).text;
            Badge::new("", l.with("team-until", "when", until))
        };
        Self {
            id: invitation.id.to_string(),
            email: invitation.email.clone(),
            role: l.word("role", invitation.role.name()),
            badge,
        }
    }
}
