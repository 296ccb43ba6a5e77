//! Shows one conversation.

use super::thread::{Look, MessageView, views};
use super::view::{
    ConversationPage, Dead, Episode, EpisodesView, FootView, HeadView, NoteView, OlderView,
    StuckView, TagsView, contact_name, facts, state,
};
use crate::extract::{Fields, Member};
use crate::i18n::{Dates, Lang};
use crate::pages::parts::line_title;
use crate::pages::shell::{Nav, Shell};
use crate::pages::{Page, html};
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use adapters::store::{ConversationRow, DeadRow, Note, StoreError, TenantStore};
use domain::ids::{ConversationId, MessageId, OutboxId};
use domain::message::Message;
use domain::tenant::Role;
use std::collections::HashMap;
use uuid::Uuid;

/// Messages of one page of the viewer.
pub(crate) const THREAD_PAGE: u64 = 60;
/// Messages shown after the one that a search found.
const AFTER_FOUND: i64 = 25;

/// Rows given up that carry a message, by message: they get their buttons below it.
pub(crate) fn by_message(dead: &[DeadRow]) -> HashMap<MessageId, OutboxId> {
    let with_message = dead
        .iter()
        .filter_map(|row| Some((row.task.message()?, row.id)));
    with_message.collect()
}

/// What was given up; conversations without a failure are not asked.
pub(crate) async fn given_up(
    store: &TenantStore,
    row: &ConversationRow,
) -> Result<Vec<DeadRow>, StoreError> {
    if row.failed == 0 {
        return Ok(Vec::new());
    }
    store.outbox().dead(Some(row.conversation.id)).await
}

/// The notes of a conversation; most have none and are not asked.
pub(crate) async fn notes(
    store: &TenantStore,
    row: &ConversationRow,
) -> Result<Vec<Note>, StoreError> {
    if row.notes == 0 {
        return Ok(Vec::new());
    }
    store.conversations().notes(row.conversation.id).await
}

/// A note as an entry of the thread.
pub(crate) fn note_view(note: &Note, dates: &Dates, l: Lang) -> NoteView {
    NoteView {
        l,
        id: note.id.to_string(),
        by: note.by.clone(),
        text: note.text.clone(),
        at: dates.short(note.at),
    }
}

/// Messages and notes in their order, written. A note stands after the message it came after.
pub(crate) fn entries(messages: Vec<MessageView>, notes: &[Note], look: &Look<'_>) -> Vec<String> {
    let first = messages.first().map_or(0, |m| m.seq);
    let mut waiting = notes.iter().filter(|n| n.after_seq >= first).peekable();
    let mut all = Vec::with_capacity(messages.len());
    let mut add = |entry: &dyn askama::DynTemplate| match entry.dyn_render() {
        Ok(html) => all.push(html),
        Err(error) => tracing::error!(%error, "template failed"),
    };
    let last = messages.last().map_or(0, |m| m.seq);
    for message in &messages {
        while let Some(note) = waiting.next_if(|n| n.after_seq < message.seq) {
            add(&note_view(note, look.dates, look.l));
        }
        add(message);
    }
    for note in waiting.take_while(|n| n.after_seq == last) {
        add(&note_view(note, look.dates, look.l));
    }
    all
}

/// What stands beside a thread and may change under the reader's eyes.
pub(crate) struct Beside {
    pub stuck: StuckView,
    pub tags: TagsView,
    pub episodes: EpisodesView,
}

impl Beside {
    /// `csrf` is empty for who may not act.
    pub async fn of(
        member: &Member,
        row: &ConversationRow,
        dead: &[DeadRow],
        shown: &[Message],
        csrf: &str,
    ) -> Result<Self, StoreError> {
        let id = row.conversation.id;
        let l = member.visitor.lang;
        let dates = member.dates();
        let may_act = !csrf.is_empty();
        let handoffs = member.store.conversations().handoffs(id).await?;
        let elsewhere = dead.iter().filter(|row| {
            let of = row.task.message();
            of.is_none_or(|of| shown.iter().all(|m| m.id != of))
        });
        Ok(Self {
            stuck: StuckView {
                l,
                id: id.to_string(),
                count: dead.len(),
                dead: elsewhere.map(|d| Dead::of(d, l)).collect(),
                may_act,
                csrf: csrf.to_owned(),
                oob: false,
            },
            tags: TagsView {
                l,
                id: id.to_string(),
                tags: row.contact.profile.tags.clone(),
                may_act,
                csrf: csrf.to_owned(),
                oob: false,
            },
            episodes: EpisodesView {
                l,
                handoffs: handoffs.iter().map(|h| Episode::of(h, &dates, l)).collect(),
                oob: false,
            },
        })
    }
}

/// The number before which the shown messages end, if the reader asked for older ones.
fn before(query: &Fields) -> Option<i64> {
    let found = query.get("at").parse::<i64>().ok();
    let found = found.map(|at| at.saturating_add(AFTER_FOUND));
    query.get("before").parse().ok().or(found)
}

pub(super) async fn show(request: HttpRequest, member: Member, id: Path<Uuid>) -> Page {
    let id = ConversationId(*id);
    let query = Fields::parse(request.query_string().as_bytes());
    let l = member.visitor.lang;
    let talks = member.store.conversations();
    let row = talks.get(id).await?;
    let (messages, doubtful) = talks.thread(id, before(&query), THREAD_PAGE).await?;
    let dead = given_up(&member.store, &row).await?;
    let notes = notes(&member.store, &row).await?;
    let dates = member.dates();
    let s = Shell::inside(&member, Nav::Conversations);
    let carried = by_message(&dead);
    let contact = contact_name(&row, l);
    let conversation = id.to_string();
    let csrf = if s.can_operate() {
        s.csrf.clone()
    } else {
        String::new()
    };
    let look = Look {
        l,
        dates: &dates,
        contact: &contact,
        kind: row.channel_kind,
        files: "/files",
        conversation: &conversation,
        csrf: &csrf,
        dead: &carried,
        doubtful: &doubtful,
    };
    let first = messages.first().map_or(1, |m| m.seq);
    let last = messages.last().map_or(0, |m| m.seq);
    let beside = Beside::of(&member, &row, &dead, &messages, &csrf).await?;
    let page = ConversationPage {
        kind: row.channel_kind.name(),
        channel: line_title(row.channel_kind, &row.channel_name, l),
        last_seq: last,
        notes: row.notes,
        head: HeadView {
            state: state(&row.conversation.state, l),
            oob: false,
        },
        foot: FootView::of(&row, s.can_operate(), &csrf, l),
        older: (first > 1).then_some(first),
        newest: last >= row.conversation.last_seq,
        entries: entries(views(None, &messages, &look), &notes, &look),
        stuck: beside.stuck,
        tags: beside.tags,
        episodes: beside.episodes,
        facts: facts(&row, l),
        note_id: member.visitor.app.ids.next().to_string(),
        id: conversation.clone(),
        contact: contact.clone(),
        s,
    };
    Ok(html(StatusCode::OK, &page))
}

/// Older messages as entries only, for a thread that is open.
pub(super) async fn older(request: HttpRequest, member: Member, id: Path<Uuid>) -> Page {
    let id = ConversationId(*id);
    let query = Fields::parse(request.query_string().as_bytes());
    let l = member.visitor.lang;
    let talks = member.store.conversations();
    let row = talks.get(id).await?;
    let (messages, doubtful) = talks.thread(id, before(&query), THREAD_PAGE).await?;
    let dead = given_up(&member.store, &row).await?;
    let notes = notes(&member.store, &row).await?;
    let last = messages.last().map_or(0, |m| m.seq);
    // What came after the newest of these is on the page already.
    let notes: Vec<Note> = notes.into_iter().filter(|n| n.after_seq <= last).collect();
    let dates = member.dates();
    let carried = by_message(&dead);
    let contact = contact_name(&row, l);
    let conversation = id.to_string();
    let may_act = member.who.role >= Role::Supervisor;
    let csrf = if may_act {
        member.visitor.csrf()
    } else {
        String::new()
    };
    let look = Look {
        l,
        dates: &dates,
        contact: &contact,
        kind: row.channel_kind,
        files: "/files",
        conversation: &conversation,
        csrf: &csrf,
        dead: &carried,
        doubtful: &doubtful,
    };
    let first = messages.first().map_or(1, |m| m.seq);
    let part = OlderView {
        l,
        older: (first > 1).then_some(first),
        entries: entries(views(None, &messages, &look), &notes, &look),
        id: conversation.clone(),
    };
    Ok(html(StatusCode::OK, &part))
}
