//! The diagnosis of the Let's Talk connection.

use super::channel::keep;
use super::view::{DoctorPage, Facts, stuck_views};
use super::{live_desk, view};
use crate::extract::{Manager, Member, Posted};
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use adapters::store::StoredDesk;
use domain::time::Timestamp;
use std::time::Duration;

/// The last result is kept under this name.
const SUBJECT: &str = "desk";

/// Trouble with events is counted so far back.
const DAY: Duration = Duration::from_secs(86_400);

pub(super) async fn show(member: Member) -> Page {
    let Some(stored) = member.store.desk().get().await? else {
        return Ok(member.visitor.go("/desk"));
    };
    let page = page(&member, &stored).await?;
    Ok(html(StatusCode::OK, &page))
}

/// Tries everything now, and keeps what came out.
pub(super) async fn run(Manager(member): Manager, _form: Posted) -> Page {
    let Some(stored) = member.store.desk().get().await? else {
        return Ok(member.visitor.go("/desk"));
    };
    let found = live_desk::checks(&member, &stored).await?;
    keep(&member, SUBJECT, &found).await?;
    Ok(member.visitor.go("/desk/doctor"))
}

async fn page(member: &Member, stored: &StoredDesk) -> Result<DoctorPage, PageError> {
    let l = member.visitor.lang;
    let dates = member.dates();
    let now = member.visitor.app.clock.now();
    let checks = member.store.checks();
    let stuck = checks.stuck_at_desk().await?;
    let settings = &stored.settings;
    let optional = |n: Option<i64>| n.map_or_else(|| l.t("doctor-none-chosen"), |n| n.to_string());
    let mut facts = Facts::new(l, &dates);
    facts.said("base-url", settings.base_url.clone());
    facts.said("organization", settings.organization_id.to_string());
    facts.said("agent-user", settings.agent_user_id.to_string());
    facts.said("inquiry", optional(settings.inquiry_id));
    facts.said("group", optional(settings.group_id));
    facts.pause(&stuck, now);

    let trouble = checks.stream_trouble(now.before(DAY)).await?;
    let health = &stored.health;
    let at = |name: &str| health.get(name).and_then(|v| v.as_i64()).map(Timestamp);
    let text = |name: &str| health.get(name).and_then(|v| v.as_str()).unwrap_or("");
    let mut stream = Facts::new(l, &dates);
    stream.badge("stream-state", crate::pages::desk::view::health(health, l));
    stream.instant("stream-since", at("connected_since"));
    stream.instant("stream-answer", at("last_answer"));
    stream.instant("stream-event", at("last_event"));
    let repaired = health.get("gaps_repaired").and_then(|v| v.as_i64());
    stream.said("stream-gaps", repaired.unwrap_or(0).to_string());
    let groups = health.get("groups").and_then(|v| v.as_bool());
    let groups = l.t(if groups == Some(true) { "yes" } else { "no" });
    stream.said("stream-groups", groups);
    stream.said("stream-unmatched", trouble.unmatched.to_string());
    stream.said("stream-unreadable", trouble.unreadable.to_string());
    if !text("last_error").is_empty() {
        stream.said("stream-error", text("last_error").to_owned());
    }
    Ok(DoctorPage {
        s: Shell::inside(member, Nav::Desk),
        title: l.with("doctor-title", "name", "Let's Talk"),
        back: "/desk".to_owned(),
        back_label: "Let's Talk".to_owned(),
        kind: None,
        action: "/desk/doctor".to_owned(),
        can_run: true,
        lead: l.t("doctor-lead-desk"),
        last: view::last(checks.last(SUBJECT).await?, &dates, l),
        facts: facts.all,
        stream: stream.all,
        stuck: stuck_views(&stuck, &dates, l, now),
    })
}
