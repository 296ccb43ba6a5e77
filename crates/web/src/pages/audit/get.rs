//! Shows the log, newest first.

use super::view::{AuditPage, Day, days, kinds, people};
use crate::extract::{Fields, Manager, Member};
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use adapters::store::{AuditCursor, AuditFilter};
use domain::audit::ObjectKind;
use domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const PAGE: u64 = 40;

pub(super) async fn list(request: HttpRequest, Manager(member): Manager) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let filter = filter(&query, &member);
    let before: Option<AuditCursor> = query.get("before").parse().ok();
    let log = member.store.audit();
    let lines = log.list(&filter, before, PAGE).await?;
    let full = u64::try_from(lines.len()) == Ok(PAGE);
    let older = lines.last().filter(|_| full).map(|line| {
        let mut next = url::form_urlencoded::Serializer::new("/settings/audit?".to_owned());
        for name in ["who", "kind", "object", "from", "until"] {
            if let Some(value) = query.some(name) {
                next.append_pair(name, &value);
            }
        }
        next.append_pair("before", &line.cursor.to_string());
        next.finish()
    });
    let l = member.visitor.lang;
    let known = log.people().await?;
    let days: Vec<Day> = days(&lines, &member.dates(), l);
    let page = AuditPage {
        s: Shell::inside(&member, Nav::Settings),
        tab: "audit",
        filtered: filter != AuditFilter::default(),
        people: people(&known, filter.who, l),
        kinds: kinds(filter.kind, l),
        object: filter.object.clone().unwrap_or_default(),
        from: query.get("from").to_owned(),
        until: query.get("until").to_owned(),
        days,
        newest: before.is_some(),
        older,
    };
    Ok(html(StatusCode::OK, &page))
}

/// What cannot be read does not matter: the fields are choices of ours.
fn filter(query: &Fields, member: &Member) -> AuditFilter {
    let zone = &member.tenant.settings.hours.time_zone;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let midnight = |date: Date| {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    };
    let day = |name: &str| query.get(name).parse::<Date>().ok();
    AuditFilter {
        who: query.get("who").parse().ok(),
        kind: ObjectKind::from_name(query.get("kind")),
        object: query.some("object"),
        from: day("from").and_then(midnight),
        until: day("until")
            .and_then(|d| d.tomorrow().ok())
            .and_then(midnight),
    }
}
