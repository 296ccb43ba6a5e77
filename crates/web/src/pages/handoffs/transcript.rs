//! One episode: its facts and what was said, to read or to print.

use super::view::{HandoffPage, HandoffView, Line};
use crate::extract::Member;
use crate::i18n::{Dates, Lang};
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use domain::ids::HandoffId;
use domain::message::{Author, DeliveryStatus, Message};
use domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// So many messages before the request are shown, for what led to it.
const LEAD: i64 = 10;
/// So many messages are shown.
const MOST: u64 = 1000;
/// What follows an end so soon belongs to it: the goodbye, the rating and its thanks.
const AFTERWARDS: Duration = Duration::from_secs(300);

pub(super) async fn show(member: Member, id: Path<Uuid>) -> Page {
    let id = HandoffId(*id);
    let handoffs = member.store.handoffs();
    let row = handoffs.history_row(id).await?;
    let seq = handoffs.get(id).await?.requested_seq;
    let named = member.store.metrics().named().await?;
    let l = member.visitor.lang;
    let dates = member.dates();
    let view = HandoffView::of(&row, &named, &dates, l);
    let talks = member.store.conversations();
    let messages = talks
        .messages_after(row.conversation, (seq - LEAD).max(0), MOST + 1)
        .await?;
    let end = row.fact.ended_at.map(|t| t.after(AFTERWARDS));
    let cut = u64::try_from(messages.len()).is_ok_and(|n| n > MOST);
    let shown = messages
        .iter()
        .take(usize::try_from(MOST).unwrap_or(usize::MAX))
        .filter(|m| belongs(m, id, end));
    let page = HandoffPage {
        lines: shown.map(|m| line(m, &view.contact, &dates, l)).collect(),
        facts: facts(&view, l),
        cut,
        printed: dates.short(member.visitor.app.clock.now()).title,
        h: view,
        s: Shell::inside(&member, Nav::Handoffs),
    };
    Ok(html(StatusCode::OK, &page))
}

/// Whether a message was said in this episode, shortly before it, or as its goodbye.
fn belongs(message: &Message, handoff: HandoffId, end: Option<Timestamp>) -> bool {
    match message.handoff {
        Some(of) => of == handoff,
        None => end.is_none_or(|end| message.received_at <= end),
    }
}

pub(crate) fn facts(h: &HandoffView, l: Lang) -> Vec<(String, String)> {
    let time = |w: &Option<crate::i18n::When>| w.as_ref().map(|w| w.title.clone());
    let facts = [
        ("handoffs-reason", Some(h.reason.clone())),
        ("handoffs-rule", Some(h.rule.clone())),
        ("handoffs-agent", Some(h.agent.clone())),
        ("handoffs-requested", Some(h.requested.title.clone())),
        ("handoffs-accepted", time(&h.accepted)),
        ("handoffs-first-human", time(&h.first_human)),
        ("handoffs-ended", time(&h.ended)),
        ("handoffs-assignment", Some(h.assignment.clone())),
        ("handoffs-first-response", Some(h.first_response.clone())),
        ("handoffs-resolution", Some(h.resolution.clone())),
        ("handoffs-messages", Some(h.messages.clone())),
        (
            "handoffs-rating",
            Some(h.stars.clone()).filter(|s| !s.is_empty()),
        ),
    ];
    facts
        .into_iter()
        .filter_map(|(key, value)| Some((l.t(key), value?)))
        .collect()
}

fn line(message: &Message, contact: &str, dates: &Dates, l: Lang) -> Line {
    let (side, by) = match message.author {
        Author::Contact => ("in", contact.to_owned()),
        Author::Bot => ("bot", l.t("author-bot")),
        Author::Agent => {
            let name = message.author_name.clone();
            ("agent", name.unwrap_or_else(|| l.t("author-agent")))
        }
        Author::System => ("system", "Relevo".to_owned()),
    };
    let content = &message.content;
    let kind = l.word("kind", content.kind());
    let file = content.attachment().and_then(|a| a.stored.as_ref());
    let named = file.map_or_else(String::new, |f| format!(": {}", f.name));
    let words = content.words().unwrap_or_default();
    let text = match content.kind() {
        "text" => words.to_owned(),
        _ if words.is_empty() => format!("[{kind}{named}]"),
        _ => format!("[{kind}{named}] {words}"),
    };
    let note = match message.status {
        DeliveryStatus::Failed => l.t("handoffs-not-delivered"),
        DeliveryStatus::Muted => l.t("handoffs-muted"),
        _ => String::new(),
    };
    Line {
        side,
        by,
        at: dates.short(message.sent_at),
        text,
        note,
    }
}
