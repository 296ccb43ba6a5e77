//! The diagnosis of one channel.

use super::report::Finding;
use super::view::{DoctorPage, Facts, stuck_views};
use super::{live_channel, view};
use crate::extract::{Manager, Member, Posted};
use crate::pages::channels::opened;
use crate::pages::error::PageError;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::news_of;
use domain::channel::{Channel, ChannelHealth, ChannelKind};
use domain::ids::ChannelId;
use std::time::Duration;
use uuid::Uuid;

/// The error rate looks back so far.
const DAY: Duration = Duration::from_secs(86_400);

pub(super) async fn show(member: Member, id: Path<Uuid>) -> Page {
    let channel = member.store.channels().get(ChannelId(*id)).await?;
    let page = page(&member, &channel).await?;
    Ok(html(StatusCode::OK, &page))
}

/// Tries everything now, and keeps what came out.
pub(super) async fn run(Manager(member): Manager, id: Path<Uuid>, _form: Posted) -> Page {
    let (channel, open) = opened(&member, ChannelId(*id)).await?;
    let found = live_channel::checks(&member, &channel, &open).await;
    keep(&member, &channel.id.to_string(), &found).await?;
    Ok(member
        .visitor
        .go(&format!("/channels/{}/doctor", channel.id)))
}

/// Keeps what a diagnosis found.
pub(super) async fn keep(
    member: &Member,
    subject: &str,
    found: &[Finding],
) -> Result<(), PageError> {
    let report = serde_json::to_value(found).map_err(|e| PageError::Broken(e.to_string()))?;
    let now = member.visitor.app.clock.now();
    member.store.checks().keep(subject, &report, now).await?;
    Ok(())
}

async fn page(member: &Member, channel: &Channel) -> Result<DoctorPage, PageError> {
    let l = member.visitor.lang;
    let dates = member.dates();
    let now = member.visitor.app.clock.now();
    let checks = member.store.checks();
    let id = channel.id.to_string();
    let traffic = checks.traffic(channel.id, now.before(DAY)).await?;
    let stuck = checks.stuck_on(channel.id).await?;
    let mut facts = Facts::new(l, &dates);
    facts.instant("last-inbound", traffic.last_inbound);
    if channel.kind != ChannelKind::Api {
        facts.instant("last-outbound", traffic.last_outbound);
        facts.rate("error-rate", traffic.failed, traffic.sent);
    }
    let noted = match &channel.health {
        ChannelHealth::Ok => None,
        ChannelHealth::NeedsAttention { why } | ChannelHealth::Restricted { why } => {
            Some(why.clone())
        }
    };
    facts.said("health", noted.unwrap_or_else(|| l.t("doctor-health-fine")));
    if let Some((news, at)) = checks.last(&news_of(channel.id)).await? {
        facts.news(&news, at);
    }
    facts.pause(&stuck, now);
    Ok(DoctorPage {
        s: Shell::inside(member, Nav::Channels),
        title: l.with("doctor-title", "name", &channel.name),
        back: format!("/channels/{id}"),
        back_label: channel.name.clone(),
        kind: Some(channel.kind.name()),
        action: format!("/channels/{id}/doctor"),
        can_run: channel.kind.has_platform(),
        lead: l.t(match channel.kind {
            ChannelKind::Api => "doctor-lead-api",
            _ => "doctor-lead-channel",
        }),
        last: view::last(checks.last(&id).await?, &dates, l),
        facts: facts.all,
        stream: Vec::new(),
        stuck: stuck_views(&stuck, &dates, l, now),
    })
}
