//! Shows the history.

use super::filter::{Chosen, cursor};
use super::view::{Filters, HandoffView, HandoffsPage};
use crate::extract::{Fields, Member};
use crate::pages::figures::words;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use domain::metrics::{Day, Local};

const LIST_PAGE: u64 = 50;

/// Today on the tenant's wall.
pub(crate) fn today(member: &Member) -> Day {
    let zone = &member.tenant.settings.hours.time_zone;
    Local::of(zone, member.visitor.app.clock.now()).day
}

pub(super) async fn list(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let chosen = Chosen::of(&query, today(&member));
    let before = cursor(query.get("before"));
    let handoffs = member.store.handoffs();
    let rows = handoffs.history(&chosen.filter, before, LIST_PAGE).await?;
    let count = handoffs.history_count(&chosen.filter).await?;
    let named = member.store.metrics().named().await?;
    let l = member.visitor.lang;
    let dates = member.dates();
    let full = u64::try_from(rows.len()) == Ok(LIST_PAGE);
    let address = chosen.query();
    let older = rows.last().filter(|_| full).map(|row| {
        let place = row.cursor();
        format!("/handoffs?{address}&before={}_{}", place.at.0, place.id)
    });
    let rows = rows.iter();
    let page = HandoffsPage {
        count,
        count_text: l.with("handoffs-count", "n", words::number(l, count)),
        filters: Filters::of(&chosen, &named, l),
        narrow: chosen.is_narrow(),
        rows: rows
            .map(|r| HandoffView::of(r, &named, &dates, l))
            .collect(),
        newest: before.map(|_| format!("/handoffs?{address}")),
        older,
        export: address,
        s: Shell::inside(&member, Nav::Handoffs),
    };
    Ok(html(StatusCode::OK, &page))
}
