//! The team with made-up data.

use super::view::{InvitedItem, JoinPage, MemberItem, TeamPage, roles};
use crate::extract::Form;
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use adapters::store::Invitation;
use askama::Template;
use domain::ids::{InvitationId, MemberId, TenantId};
use domain::tenant::{Member, Role};
use domain::time::Timestamp;
use uuid::Uuid;

pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (w, l, dates) = (s.w, s.l, s.dates());
    let me = MemberId(Uuid::from_u128(1));
    let people = [
        ("Camila Rojas", "camila@cafenorte.cl", Role::Owner),
        ("Ignacio Sepúlveda", "ignacio@cafenorte.cl", Role::Admin),
        (
            "María Fernanda Contreras Undurraga",
            "mariafernanda.contreras@cafenorte.cl",
            Role::Supervisor,
        ),
        ("Ana Paula Ribeiro", "ana@cafenorte.cl", Role::Analyst),
    ];
    let members = || {
        let each = people.iter().zip(1_u128..).map(|((name, email, role), n)| {
            let member = Member {
                id: MemberId(Uuid::from_u128(n)),
                tenant: TenantId(Uuid::nil()),
                email: w(email),
                name: w(name),
                role: *role,
                language: l.0,
            };
            MemberItem::of(&member, NOW, me, *role == Role::Owner, &dates, l)
        });
        each.collect::<Vec<_>>()
    };
    let invitation = |email: &str, expires: i64| Invitation {
        id: InvitationId(Uuid::nil()),
        tenant: TenantId(Uuid::nil()),
        email: w(email),
        role: Role::Supervisor,
        invited_by: w("Camila Rojas"),
        created_at: NOW,
        expires_at: Timestamp(NOW.0 + expires),
    };
    let invited = [
        invitation("sofia@cafenorte.cl", 600_000_000),
        invitation("pedro@cafenorte.cl", -1),
    ];
    let page = |link: Option<&str>, full: Option<String>, f: Form| TeamPage {
        s: s.shell(Nav::Settings, "/settings/team"),
        tab: "team",
        f,
        members: members(),
        invited: invited
            .iter()
            .map(|i| InvitedItem::of(i, NOW, &dates, l))
            .collect(),
        roles: roles(Role::Supervisor, l),
        full,
        link: link.map(w),
    };
    let mut wrong = Form::default();
    wrong.fields.set("email", w("sofia"));
    wrong.refuse("email", l.t("wrong-email"));
    let join = |f| JoinPage {
        s: s.outside("/join/x"),
        f,
        company: w("Café Norte"),
        invited_by: w("Camila Rojas"),
        email: w("sofia@cafenorte.cl"),
        role: l.t("role-supervisor"),
        action: "/join/x".to_owned(),
    };
    let mut taken = Form::default();
    taken.refuse("email", l.t("join-taken"));
    vec![
        (
            "settings-team",
            page(None, None, Form::default()).render().unwrap(),
        ),
        (
            "settings-team-invited",
            page(
                Some("https://relevo.example/join/8JkPq2vNzT"),
                None,
                Form::default(),
            )
            .render()
            .unwrap(),
        ),
        (
            "settings-team-full",
            page(None, Some(l.n("limit-members", 5_i64)), wrong)
                .render()
                .unwrap(),
        ),
        ("join", join(Form::default()).render().unwrap()),
        ("join-taken", join(taken).render().unwrap()),
    ]
}
