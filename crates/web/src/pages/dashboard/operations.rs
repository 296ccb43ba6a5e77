//! How well messages travel.

use super::charts::bars;
use super::get::looked;
use super::tiles::change;
use super::view::{Bar, Filters, Looked, OperationsPage, Tile};
use crate::extract::{Fields, Member};
use crate::i18n::Lang;
use crate::pages::figures::period::Period;
use crate::pages::figures::words;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use adapters::store::Named;
use domain::ids::ChannelId;
use domain::metrics::{Count, Counted, Histogram, Operation, Operations};
use uuid::Uuid;

/// The upper ends of the bars of the latency charts, in milliseconds.
const ENDS: [u64; 6] = [100, 250, 500, 1000, 5000, 30_000];

const COUNTED: [Count; 6] = [
    Count::ToDesk,
    Count::ToContact,
    Count::Failed,
    Count::Retried,
    Count::Duplicates,
    Count::GapsRepaired,
];

pub(super) async fn show(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let mut looked = looked(&query, &member);
    // A message on its way knows no rule.
    looked.scope.rule = None;
    let metrics = member.store.metrics();
    let before = looked.period.previous();
    let counts = metrics
        .counts(before.from, looked.period.from, looked.period.to, &COUNTED)
        .await?;
    let waiting = member.store.outbox().waiting().await?;
    let waiting = waiting.iter().map(|w| w.rows).sum::<i64>();
    let mut now = sum(&counts, &looked.period, looked.scope.channel);
    now.waiting = u64::try_from(waiting).unwrap_or(0);
    let earlier = sum(&counts, &before, looked.scope.channel);
    let named = metrics.named().await?;
    let s = Shell::inside(&member, Nav::Dashboard);
    Ok(html(
        StatusCode::OK,
        &page(s, &looked, &now, &earlier, &named),
    ))
}

/// The page of what was read.
pub(crate) fn page(
    s: Shell,
    looked: &Looked,
    now: &Operations,
    earlier: &Operations,
    named: &Named,
) -> OperationsPage {
    let l = s.l;
    OperationsPage {
        tiles: Operation::ALL
            .iter()
            .map(|operation| tile(*operation, now, earlier, l))
            .collect(),
        desk: latencies(&now.to_desk, l),
        contact: latencies(&now.to_contact, l),
        empty: now.to_desk.is_empty() && now.to_contact.is_empty(),
        filters: Filters::of(looked, named, l),
        address: looked.query(),
        s,
    }
}

/// Counts of a span on a line. What belongs to the desk as a whole has no line of its own.
fn sum(counts: &[(Counted, u64)], period: &Period, channel: Option<ChannelId>) -> Operations {
    let mut operations = Operations::default();
    let of_line = |c: &Counted| channel.is_none_or(|wanted| wanted == c.channel);
    for (counted, n) in counts {
        let inside = (period.from..=period.to).contains(&counted.day);
        let everywhere = counted.channel == ChannelId(Uuid::nil());
        if inside && (of_line(counted) || everywhere) {
            operations.count(counted, *n);
        }
    }
    operations
}

fn tile(operation: Operation, now: &Operations, earlier: &Operations, l: Lang) -> Tile {
    let value = operation.of(now);
    let moved = match operation {
        Operation::Waiting => None,
        _ => change(value, operation.of(earlier), Some(false), l),
    };
    let href = match operation {
        Operation::Failed if now.failed > 0 => {
            Some(("/conversations?failed=1".to_owned(), now.failed))
        }
        _ => None,
    };
    Tile {
        name: operation.name(),
        label: l.t(&format!("operation-{}", operation.name())),
        value: words::value(l, value),
        formula: l.t(&format!("operation-{}-formula", operation.name())),
        rows: href,
        compared: operation != Operation::Waiting,
        change: moved,
    }
}

fn latencies(histogram: &Histogram, l: Lang) -> Vec<Bar> {
    let mut below = 0;
    let mut rows = Vec::new();
    for end in ENDS {
        let upto = histogram.below(end);
        let label = l.with("operation-below", "span", words::millis(l, end));
        rows.push((label, upto - below, None));
        below = upto;
    }
    let last = words::millis(l, ENDS[ENDS.len() - 1]);
    rows.push((
        l.with("operation-above", "span", last),
        histogram.count() - below,
        None,
    ));
    bars(rows, l)
}
