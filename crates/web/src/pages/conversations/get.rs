//! Shows the list and the viewer.

use super::thread::{Look, views};
use super::view::{
    ConversationPage, ConversationsPage, Dead, Episode, FootView, HeadView, Talk, contact_name,
    facts, state,
};
use crate::extract::{Fields, Member};
use crate::pages::parts::Choice;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{ConversationFilter, Cursor, DeadRow};
use domain::ids::{ConversationId, MessageId, OutboxId};
use domain::time::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

const LIST_PAGE: u64 = 30;
/// Messages of one page of the viewer.
pub(crate) const THREAD_PAGE: u64 = 60;

pub(super) async fn list(request: HttpRequest, member: Member) -> Page {
    let query = Fields::parse(request.query_string().as_bytes());
    let l = member.visitor.lang;
    let chosen = query.get("state");
    let phases = ["bot", "human", "requested", "waiting", "active"];
    let phase = phases.contains(&chosen).then(|| chosen.to_owned());
    let filter = ConversationFilter {
        phase,
        channel: query.get("channel").parse().ok(),
        failed_only: query.on("failed"),
    };
    let before = cursor(query.get("before"));
    let rows = member
        .store
        .conversations()
        .list(&filter, before, LIST_PAGE)
        .await?;
    let full = u64::try_from(rows.len()) == Ok(LIST_PAGE);
    let older = rows.last().filter(|_| full).map(|row| {
        let at = &row.conversation;
        let failed = if filter.failed_only { "&failed=1" } else { "" };
        let channel = filter.channel.map(|c| c.to_string()).unwrap_or_default();
        format!(
            "/conversations?state={}&channel={channel}{failed}&before={}_{}",
            filter.phase.as_deref().unwrap_or(""),
            at.last_message_at.0,
            at.id
        )
    });
    let dates = member.dates();
    let mut states = vec![Choice::new(
        "",
        l.t("filter-all-states"),
        filter.phase.is_none(),
    )];
    states.extend(
        ["human", "waiting", "active", "bot"]
            .map(|p| Choice::new(p, l.word("filter", p), filter.phase.as_deref() == Some(p))),
    );
    let mut channels = vec![Choice::new(
        "",
        l.t("filter-all-channels"),
        filter.channel.is_none(),
    )];
    for channel in member.store.channels().list().await? {
        let on = filter.channel == Some(channel.id);
        channels.push(Choice::new(channel.id.to_string(), channel.name, on));
    }
    let page = ConversationsPage {
        filtered: filter.phase.is_some() || filter.channel.is_some() || filter.failed_only,
        failed_only: filter.failed_only,
        states,
        channels,
        talks: rows.iter().map(|row| Talk::of(row, &dates, l)).collect(),
        older,
        s: Shell::inside(&member, Nav::Conversations),
    };
    Ok(html(StatusCode::OK, &page))
}

/// `<milliseconds>_<conversation id>`; anything else is the beginning.
fn cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('_')?;
    Some(Cursor {
        at: Timestamp(at.parse().ok()?),
        id: id.parse().ok()?,
    })
}

/// Rows given up that carry a message, by message: they get their buttons below it.
pub(crate) fn by_message(dead: &[DeadRow]) -> HashMap<MessageId, OutboxId> {
    let with_message = dead
        .iter()
        .filter_map(|row| Some((row.task.message()?, row.id)));
    with_message.collect()
}

pub(super) async fn show(request: HttpRequest, member: Member, id: Path<Uuid>) -> Page {
    let id = ConversationId(*id);
    let query = Fields::parse(request.query_string().as_bytes());
    let l = member.visitor.lang;
    let talks = member.store.conversations();
    let row = talks.get(id).await?;
    let before: Option<i64> = query.get("before").parse().ok();
    let messages = talks.messages(id, before, THREAD_PAGE).await?;
    let dead = member.store.outbox().dead(Some(id)).await?;
    let handoffs = talks.handoffs(id).await?;
    let dates = member.dates();
    let s = Shell::inside(&member, Nav::Conversations);
    let carried = by_message(&dead);
    let contact = contact_name(&row, l);
    let conversation = id.to_string();
    let look = Look {
        l,
        dates: &dates,
        contact: &contact,
        kind: row.channel_kind,
        files: "/files",
        conversation: &conversation,
        csrf: if s.can_operate() { &s.csrf } else { "" },
        dead: &carried,
    };
    let shown = |row: &&DeadRow| {
        row.task
            .message()
            .is_none_or(|id| messages.iter().all(|m| m.id != id))
    };
    let first = messages.first().map_or(1, |m| m.seq);
    let page = ConversationPage {
        kind: row.channel_kind.name(),
        channel: row.channel_name.clone(),
        last_seq: messages.last().map_or(0, |m| m.seq),
        head: HeadView {
            state: state(&row.conversation.state, l),
            oob: false,
        },
        foot: FootView::of(&row, s.can_operate(), &s.csrf, l),
        older: (first > 1).then(|| format!("/conversations/{id}?before={first}")),
        newest: before.is_none(),
        messages: views(None, &messages, &look),
        dead: dead.iter().filter(shown).map(|d| Dead::of(d, l)).collect(),
        facts: facts(&row, l),
        tags: row.contact.profile.tags.clone(),
        handoffs: handoffs.iter().map(|h| Episode::of(h, &dates, l)).collect(),
        id: conversation.clone(),
        contact: contact.clone(),
        s,
    };
    Ok(html(StatusCode::OK, &page))
}

#[cfg(test)]
mod tests {
    use super::cursor;

    #[test]
    fn a_damaged_cursor_is_the_beginning() {
        for text in ["", "x", "1_x", "x_00000000-0000-0000-0000-000000000000"] {
            assert_eq!(cursor(text), None);
        }
        assert!(cursor("17_00000000-0000-0000-0000-000000000000").is_some());
    }
}
