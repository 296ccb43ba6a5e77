//! What is open now: part of the page, and again every few seconds by itself.

use super::get::looked;
use super::view::Looked;
use crate::extract::{Fields, Member};
use crate::i18n::Lang;
use crate::pages::figures::words;
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use domain::metrics::Now;

#[derive(Template)]
#[template(path = "dashboard_live.html")]
pub(crate) struct LiveView {
    pub l: Lang,
    pub open: String,
    pub waiting: String,
    pub longest: String,
    /// Somebody has waited for more than five minutes.
    pub late: bool,
    pub scope: String,
}

impl LiveView {
    pub fn of(now: &Now, looked: &Looked, l: Lang) -> Self {
        let longest = now.longest_wait.map(|d| d.as_secs());
        Self {
            l,
            open: words::number(l, now.open),
            waiting: words::number(l, now.waiting),
            longest: longest.map_or_else(|| words::NOTHING.to_owned(), |s| words::duration(l, s)),
            late: longest.is_some_and(|s| s >= 300),
            scope: looked.scope_query(),
        }
    }
}

pub(super) async fn show(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let looked = looked(&query, &member);
    let now = member.visitor.app.clock.now();
    let seen = member.store.metrics().now(&looked.scope, now).await?;
    let view = LiveView::of(&seen, &looked, member.visitor.lang);
    Ok(html(StatusCode::OK, &view))
}
