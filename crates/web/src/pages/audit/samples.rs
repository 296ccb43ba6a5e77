//! The log with made-up data.

use super::view::{AuditPage, days, kinds, people};
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use adapters::store::{AuditLine, Difference, Object};
use askama::Template;
use domain::audit::{Action, Actor, ObjectKind};
use domain::ids::MemberId;
use domain::time::Timestamp;
use uuid::Uuid;

fn line(
    s: &Samples,
    n: i64,
    action: Action,
    kind: ObjectKind,
    changes: &[(&str, &str, &str)],
) -> AuditLine {
    let w = s.w;
    let id = MemberId(Uuid::from_u128(7));
    let at = Timestamp(NOW.0 - n * 9_000_000);
    AuditLine {
        cursor: format!("{}-{}", at.0, Uuid::nil().simple())
            .parse()
            .unwrap(),
        at,
        actor: match n % 4 {
            2 => Actor::Operator {
                id,
                name: w("Iván (soporte)"),
            },
            3 => Actor::System,
            _ => Actor::Member {
                id,
                name: w("Camila Rojas"),
            },
        },
        action: Some(action),
        object: Object::of(kind, Uuid::nil(), w("Hablar con una persona")),
        address: (n % 4 != 3).then(|| w("186.10.22.7")),
        differences: changes
            .iter()
            .map(|(path, was, became)| Difference {
                path: path.split('/').map(w).collect(),
                was: Some(w(was)).filter(|_| !was.is_empty()),
                became: Some(w(became)).filter(|_| !became.is_empty()),
            })
            .collect(),
    }
}

pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let lines = vec![
        line(
            s,
            0,
            Action::RuleUpdated,
            ObjectKind::Rule,
            &[
                (
                    "condition/of/1/words",
                    "agente, humano",
                    "agente, humano, asesora, hablar con alguien de su equipo",
                ),
                (
                    "action/options/notice",
                    "",
                    "Enseguida te atiende una persona.",
                ),
            ],
        ),
        line(
            s,
            1,
            Action::SettingsUpdated,
            ObjectKind::Settings,
            &[
                (
                    "policy/texts/goodbye",
                    "Hasta luego",
                    "¡Gracias por escribirnos! Que tengas un buen día.",
                ),
                ("hours/week/6/open/1", "540, 780", ""),
                ("policy/timeouts/no_agent_minutes", "15", "10"),
            ],
        ),
        line(s, 2, Action::ImpersonationBegun, ObjectKind::Tenant, &[]),
        line(
            s,
            4,
            Action::MemberRole,
            ObjectKind::Member,
            &[("role", "analyst", "supervisor")],
        ),
        line(
            s,
            5,
            Action::ChannelConnected,
            ObjectKind::Channel,
            &[("name", "", "Ventas"), ("kind", "", "WhatsApp")],
        ),
        line(
            s,
            7,
            Action::MessageDiscarded,
            ObjectKind::Conversation,
            &[],
        ),
    ];
    let known = [(MemberId(Uuid::from_u128(7)), (s.w)("Camila Rojas"))];
    let page = |lines: &[AuditLine], filtered| AuditPage {
        s: s.shell(Nav::Settings, "/settings/audit"),
        tab: "audit",
        filtered,
        people: people(&known, None, s.l),
        kinds: kinds(None, s.l),
        object: String::new(),
        from: String::new(),
        until: String::new(),
        days: days(lines, &s.dates(), s.l),
        newest: !lines.is_empty(),
        older: (!lines.is_empty()).then(|| "/settings/audit?before=1".to_owned()),
    };
    vec![
        ("settings-audit", page(&lines, false).render().unwrap()),
        ("settings-audit-none", page(&[], true).render().unwrap()),
        ("settings-audit-empty", page(&[], false).render().unwrap()),
    ]
}
