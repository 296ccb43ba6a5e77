//! The data pages with made-up data.

use super::view::{DataPage, LeavePage, UsageItem};
use crate::extract::Form;
use crate::pages::samples::{NOW, Samples};
use crate::pages::shell::{Nav, Notices, Shell};
use askama::Template;
use domain::time::Timestamp;

pub(crate) fn screens(s: &Samples) -> Vec<(&'static str, String)> {
    let (w, l) = (s.w, s.l);
    let page = |keep: &str, days: &str, leaving: bool, limits: bool| {
        let mut f = Form::default();
        f.fields.set("keep", keep);
        f.fields.set("days", w(days));
        if days == "3" {
            f.refuse("days", l.t("data-days-wrong"));
        }
        let most = |n: i64| limits.then_some(n);
        let shell = s.shell(Nav::Settings, "/settings/data");
        let notices = Notices {
            leaving: leaving.then(|| w("29 nov 2026")),
            suspended: limits.then(|| w("Falta el pago de octubre")),
            ..Notices::default()
        };
        DataPage {
            s: Shell { notices, ..shell },
            tab: "data",
            f,
            usage: vec![
                UsageItem::of("data-messages", 48_213, most(50_000), l),
                UsageItem::of("data-channels", 3, most(3), l),
                UsageItem::of("data-members", 4, most(10), l),
            ],
            leaving: leaving.then(|| s.dates().short(Timestamp(NOW.0 + 600_000_000))),
        }
    };
    let leave = |channels: &[&str], wrong: bool| {
        let mut f = Form::default();
        if wrong {
            f.fields.set("company", w("Cafe"));
            f.refuse("company", l.t("leave-wrong-name"));
        }
        LeavePage {
            s: s.shell(Nav::Settings, "/settings/data/leave"),
            f,
            company: w("Café Norte"),
            channels: channels.iter().map(|c| w(c)).collect(),
        }
    };
    vec![
        (
            "settings-data",
            page("all", "", false, false).render().unwrap(),
        ),
        (
            "settings-data-limits",
            page("some", "3", true, true).render().unwrap(),
        ),
        ("settings-leave", leave(&[], true).render().unwrap()),
        (
            "settings-leave-connected",
            leave(&["Ventas", "Soporte"], false).render().unwrap(),
        ),
    ]
}
