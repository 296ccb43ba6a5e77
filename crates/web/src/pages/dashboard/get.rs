//! Shows the figures.

use super::charts::{bands, bars_by, combinations, date_words, days, heat};
use super::live::LiveView;
use super::tiles::{Numbers, tiles};
use super::view::{Bar, Chart, DashboardPage, Filters, Looked};
use crate::extract::{Fields, Member};
use crate::pages::figures::period::Period;
use crate::pages::handoffs::today;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use adapters::store::Snapshot;
use domain::metrics::{Cell, Totals};

/// What a page looks at.
pub(super) fn looked(query: &Fields, member: &Member) -> Looked {
    Looked {
        period: Period::of(query, today(member), "7"),
        scope: domain::metrics::Scope {
            channel: query.get("channel").parse().ok(),
            rule: query.get("rule").parse().ok(),
        },
    }
}

pub(super) async fn show(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let looked = looked(&query, &member);
    let hours = &member.tenant.settings.hours;
    let now = member.visitor.app.clock.now();
    let before = looked.period.previous();
    let snapshot = member
        .store
        .metrics()
        .snapshot(before.from, looked.period.to, &looked.scope, hours, now)
        .await?;
    let s = Shell::inside(&member, Nav::Dashboard);
    Ok(html(StatusCode::OK, &page(s, &looked, &snapshot)))
}

/// The page of what was read.
pub(crate) fn page(s: Shell, looked: &Looked, snapshot: &Snapshot) -> DashboardPage {
    let l = s.l;
    let before = looked.period.previous();
    let numbers = Numbers::of(snapshot, &looked.period, &looked.scope);
    let earlier = Numbers::of(snapshot, &before, &looked.scope);
    let cells: Vec<&Cell> = snapshot
        .sheets
        .range(looked.period.from..=looked.period.to)
        .flat_map(|(_, sheet)| &sheet.cells)
        .filter(|cell| looked.scope.takes(cell))
        .collect();
    let bars = |chart: Chart| -> Vec<Bar> { bars_by(chart, &cells, snapshot, looked, l) };
    DashboardPage {
        live: LiveView::of(&snapshot.now, looked, l),
        groups: tiles(&numbers, &earlier, looked, l),
        compared: l.filled(
            "dashboard-compared",
            &[
                ("from", &date_words(before.from, l)),
                ("to", &date_words(before.to, l)),
            ],
        ),
        days: days(snapshot, looked, &before, l),
        reasons: bars(Chart::Reason),
        rules: bars(Chart::Rule),
        channels: bars(Chart::Channel),
        bands: bands(&numbers.totals, looked, l),
        combinations: combinations(&cells, snapshot, looked, l),
        heat: heat(snapshot, looked, l),
        empty: is_empty(&numbers.totals, &earlier.totals) && numbers.started + earlier.started == 0,
        filters: Filters::of(looked, &snapshot.named, l),
        address: looked.query(),
        s,
    }
}

fn is_empty(one: &Totals, other: &Totals) -> bool {
    one.handoffs + other.handoffs == 0
}
