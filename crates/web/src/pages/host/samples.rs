//! The host's screens with made-up data.

use super::view::{TenantItem, TenantPage, TenantsPage};
use crate::extract::Form;
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::{Nav, Notices, Shell};
use adapters::store::{Limits, Suspension, TenantGlance, Terms, Usage};
use askama::Template;
use domain::ids::TenantId;
use domain::time::Timestamp;
use serde_json::json;
use uuid::Uuid;

pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (w, l, dates) = (s.w, s.l, s.dates());
    let glance = |n: u128, name: &str, terms: Terms, dead: i64, state: &str| TenantGlance {
        id: TenantId(Uuid::from_u128(n)),
        name: w(name),
        slug: w("cafe-norte"),
        created_at: Timestamp(NOW.0 - 9_000_000_000),
        terms,
        usage: Usage {
            messages: 48_213,
            channels: 3,
            members: 4,
        },
        troubled_channels: dead / 2,
        waiting: 12,
        dead,
        desk: (!state.is_empty()).then(|| json!({"state": state, "last_error": w("403")})),
    };
    let limits = Limits {
        messages_a_month: Some(50_000),
        most_channels: Some(3),
        most_members: Some(10),
    };
    let all = [
        glance(
            1,
            "Café Norte",
            Terms {
                limits,
                ..Terms::default()
            },
            0,
            "connected",
        ),
        glance(
            2,
            "Distribuidora y Comercializadora del Pacífico Sur SpA",
            Terms::default(),
            3,
            "retrying",
        ),
        glance(
            3,
            "Clínica Andes",
            Terms {
                suspended: Some(Suspension {
                    since: NOW,
                    why: w("Falta el pago de octubre"),
                }),
                limits,
                retention_days: Some(90),
                leaving_at: None,
            },
            0,
            "",
        ),
        glance(
            4,
            "Óptica Luz",
            Terms {
                leaving_at: Some(NOW),
                ..Terms::default()
            },
            0,
            "connected",
        ),
    ];
    let items = || {
        all.iter()
            .map(|t| TenantItem::of(t, &dates, l))
            .collect::<Vec<_>>()
    };
    let shell = |viewing: bool| {
        let shell = s.shell(Nav::Nowhere, "/operator");
        let notices = Notices {
            viewing: viewing.then(|| w("Clínica Andes")),
            host: true,
            ..Notices::default()
        };
        Shell { notices, ..shell }
    };
    let list = |tenants, search: &str| TenantsPage {
        s: shell(false),
        search: w(search),
        tenants,
        older: Some("/operator?after=x".to_owned()),
    };
    let one = |n: usize, viewing| {
        let mut f = Form::default();
        f.fields.set("most_channels", w("3"));
        TenantPage {
            s: shell(viewing),
            t: items().remove(n),
            f,
        }
    };
    vec![
        ("operator", list(items(), "").render().unwrap()),
        (
            "operator-none",
            TenantsPage {
                older: None,
                ..list(vec![], "zapatería")
            }
            .render()
            .unwrap(),
        ),
        ("operator-tenant", one(1, false).render().unwrap()),
        ("operator-tenant-suspended", one(2, true).render().unwrap()),
    ]
}
