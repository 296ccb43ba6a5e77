//! The dashboard with nothing, a little and much.

use super::get::page;
use super::operations;
use super::view::Looked;
use crate::extract::Fields;
use crate::pages::figures::period::Period;
use crate::pages::handoffs::samples::{fact, named};
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::Nav;
use adapters::store::Snapshot;
use askama::Template;
use domain::ids::{ChannelId, TenantId};
use domain::metrics::{Count, Counted, Local, Now, Operations, Scope, Sheet};
use domain::routing::BusinessHours;
use std::collections::BTreeMap;
use uuid::Uuid;

fn looked(query: &str) -> Looked {
    let today = Local::of("America/Santiago", NOW).day;
    Looked {
        period: Period::of(&Fields::parse(query.as_bytes()), today, "7"),
        scope: Scope::default(),
    }
}

fn snapshot(s: &Samples, handoffs: i64) -> Snapshot {
    let hours = BusinessHours::default();
    let mut sheets: BTreeMap<_, Sheet> = BTreeMap::new();
    let facts: Vec<_> = (0..handoffs).map(fact).collect();
    for fact in &facts {
        sheets
            .entry(fact.local.day)
            .or_default()
            .count(fact, &hours);
    }
    let days = sheets
        .iter()
        .map(|(day, sheet)| (*day, sheet.totals(&Scope::default()).handoffs));
    let (tenant, channel) = (TenantId(Uuid::nil()), ChannelId(Uuid::from_u128(1)));
    let counts = days.flat_map(|(day, n)| {
        let count = |what| Counted::plain(tenant, day, channel, what);
        [(count(Count::Started), n * 4), (count(Count::HandedOff), n)]
    });
    Snapshot {
        counts: counts.collect(),
        now: Now::of(&facts, NOW),
        named: named(s),
        sheets,
    }
}

pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let shell = || s.shell(Nav::Dashboard, "/dashboard");
    let dashboard = |query: &str, handoffs| {
        page(shell(), &looked(query), &snapshot(s, handoffs))
            .render()
            .unwrap()
    };
    let mut now = Operations {
        failed: 3,
        retried: 41,
        duplicates: 128,
        gaps_repaired: 2,
        waiting: 1,
        ..Operations::default()
    };
    for n in 0..900_u64 {
        now.to_desk.record(30 + n * n % 400);
        now.to_contact.record(60 + n * n * 7 % 2500);
    }
    let messages = |now: &Operations| {
        let earlier = Operations::default();
        let page = operations::page(shell(), &looked("period=7"), now, &earlier, &named(s));
        page.render().unwrap()
    };
    vec![
        ("dashboard", dashboard("period=30", 900)),
        ("dashboard-little", dashboard("period=today", 4)),
        (
            "dashboard-empty",
            dashboard("period=custom&from=2020-01-01&to=2020-01-03", 0),
        ),
        ("operations", messages(&now)),
        ("operations-empty", messages(&Operations::default())),
    ]
}
