//! New messages and changed statuses of one conversation.

use super::stream::{LOOK_ANYWAY, Pulse, STILL_HERE, answer, event};
use crate::extract::{Fields, Member};
use crate::pages::conversations::get::{
    Beside, by_message, given_up, note_view, notes as notes_of,
};
use crate::pages::conversations::thread::{Look, MessageView, views};
use crate::pages::conversations::view::{FootView, HeadView, contact_name, state};
use crate::pages::error::PageError;
use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse};
use adapters::ingest::conversation_topic;
use adapters::store::{ConversationRow, Note};
use askama::Template;
use bytes::Bytes;
use domain::ids::ConversationId;
use domain::message::{Author, DeliveryStatus, Message};
use domain::tenant::Role;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// So many last messages are watched for a changed status.
const WATCHED: u64 = 40;
/// So many new messages are sent at once; the rest follows with the next look.
const FRESH: u64 = 200;

/// `GET /conversations/{id}/live?after=<seq>`: a stream of list entries. New ones are appended by
/// the page, changed ones replace themselves.
///
/// # Errors
/// As the viewer: 404 for another tenant's conversation.
pub async fn listen(
    request: HttpRequest,
    member: Member,
    id: Path<Uuid>,
    ending: web::Data<CancellationToken>,
) -> Result<HttpResponse, PageError> {
    let id = ConversationId(*id);
    member.store.conversations().get(id).await?;
    let query = Fields::parse(request.query_string().as_bytes());
    let resumed = request.headers().get("last-event-id");
    let resumed = resumed.and_then(|v| v.to_str().ok()?.parse().ok());
    let is_back = resumed.is_some();
    let after: i64 = resumed
        .or_else(|| query.get("after").parse().ok())
        .unwrap_or(0);
    let mut pulse = Pulse::deaf(&ending);
    pulse.listen(&member, &conversation_topic(id)).await;
    let csrf = if member.who.role >= Role::Supervisor {
        member.visitor.csrf()
    } else {
        String::new()
    };
    let watch = Watch {
        member,
        id,
        after,
        csrf,
        seen: HashMap::new(),
        control: None,
        beside: None,
        notes_seen: None,
        notes_shown: query.get("notes").parse().unwrap_or(0),
        is_back,
        pulse,
        ready: VecDeque::new(),
    };
    Ok(answer(futures::stream::unfold(watch, Watch::next)))
}

/// One open page.
struct Watch {
    member: Member,
    id: ConversationId,
    after: i64,
    csrf: String,
    /// What each watched message looked like when it was last sent.
    seen: HashMap<i64, String>,
    control: Option<String>,
    /// What the panels beside the thread looked like.
    beside: Option<String>,
    /// Notes that the page has; none before the first look.
    notes_seen: Option<HashSet<Uuid>>,
    /// How many of them came with the page itself.
    notes_shown: usize,
    /// The page was away and may have missed changes.
    is_back: bool,
    pulse: Pulse,
    ready: VecDeque<Bytes>,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            let goes_on = self.pulse.turn(&self.member, LOOK_ANYWAY, Duration::ZERO);
            if !goes_on.await {
                return None;
            }
            self.ready.push_back(STILL_HERE);
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "live update skipped");
            }
        }
    }

    /// Reads what changed and queues it as events.
    async fn look(&mut self) -> Result<(), PageError> {
        let talks = self.member.store.conversations();
        let row = talks.get(self.id).await?;
        let (watched, doubtful) = talks.thread(self.id, None, WATCHED).await?;
        let fresh = talks.messages_after(self.id, self.after, FRESH).await?;
        let store = self.member.store.clone();
        let dead = given_up(&store, &row).await?;
        let notes = notes_of(&store, &row).await?;
        let beside = Beside::of(&self.member, &row, &dead, &watched, &self.csrf).await?;
        let carried = by_message(&dead);
        let dates = self.member.dates();
        let l = self.member.visitor.lang;
        let contact = contact_name(&row, l);
        let conversation = self.id.to_string();
        let look = Look {
            l,
            dates: &dates,
            contact: &contact,
            kind: row.channel_kind,
            files: "/files",
            conversation: &conversation,
            csrf: &self.csrf,
            dead: &carried,
            doubtful: &doubtful,
        };
        let old: Vec<MessageView> = views(None, &watched, &look);
        let before = watched.iter().rfind(|m| m.seq <= self.after);
        let new: Vec<MessageView> = views(before, &fresh, &look);
        self.changed(&watched, old);
        self.appended(&fresh, new);
        let new_notes = self.noted(&notes);
        for note in &new_notes {
            self.send(&note_view(note, &dates, l), None);
        }
        self.control(&row);
        self.panels(beside);
        Ok(())
    }

    /// Entries that look different from when they were last sent. The page itself sent the first.
    fn changed(&mut self, messages: &[Message], entries: Vec<MessageView>) {
        let known = !self.seen.is_empty();
        let all = std::mem::take(&mut self.is_back);
        let first = messages.first().map_or(0, |m| m.seq);
        for (message, entry) in messages.iter().zip(entries) {
            // The first of a page has lost its neighbour: its heading would be wrong.
            if message.seq > self.after || message.seq == first {
                continue;
            }
            let look = fingerprint(message, &entry);
            let before = self.seen.insert(message.seq, look.clone());
            // Between the page and this stream, what is on its way may have moved on.
            let moving = !known && is_moving(message);
            if all || moving || before.is_some_and(|b| b != look) {
                let entry = MessageView { oob: true, ..entry };
                self.send(&entry, None);
            }
        }
        self.seen.retain(|seq, _| *seq >= first);
    }

    fn appended(&mut self, messages: &[Message], entries: Vec<MessageView>) {
        for (message, entry) in messages.iter().zip(entries) {
            self.seen.insert(message.seq, fingerprint(message, &entry));
            self.send(&entry, Some(message.seq));
            self.after = self.after.max(message.seq);
        }
    }

    /// Notes that the page does not have yet.
    fn noted(&mut self, notes: &[Note]) -> Vec<Note> {
        let Some(seen) = &mut self.notes_seen else {
            let shown = notes.iter().take(self.notes_shown);
            let first: HashSet<Uuid> = shown.map(|n| n.id).collect();
            let new = notes.iter().filter(|n| !first.contains(&n.id)).cloned();
            let new = new.collect();
            self.notes_seen = Some(notes.iter().map(|n| n.id).collect());
            return new;
        };
        notes
            .iter()
            .filter(|n| seen.insert(n.id))
            .cloned()
            .collect()
    }

    /// The panels beside the thread, when something in them changed.
    fn panels(&mut self, mut beside: Beside) {
        beside.stuck.oob = true;
        beside.tags.oob = true;
        beside.episodes.oob = true;
        let parts = [
            beside.stuck.render(),
            beside.tags.render(),
            beside.episodes.render(),
        ];
        let html: String = parts.into_iter().flatten().collect();
        // The page may have been written before the first look.
        if self.beside.as_ref() != Some(&html) {
            self.ready.push_back(event(None, None, &html));
            self.beside = Some(html);
        }
    }

    /// The badge and the buttons, when control changed hands.
    fn control(&mut self, row: &ConversationRow) {
        let l = self.member.visitor.lang;
        let may_act = !self.csrf.is_empty();
        let head = HeadView {
            state: state(&row.conversation.state, l),
            oob: true,
        };
        let foot = FootView {
            oob: true,
            ..FootView::of(row, may_act, &self.csrf, l)
        };
        let now = format!("{} {}", head.state.label, foot.says);
        if self.control.as_ref() != Some(&now) {
            self.send(&head, None);
            self.send(&foot, None);
        }
        self.control = Some(now);
    }

    fn send(&mut self, entry: &impl Template, id: Option<i64>) {
        match entry.render() {
            Ok(html) => self.ready.push_back(event(None, id, &html)),
            Err(error) => tracing::error!(%error, "template failed"),
        }
    }
}

fn is_moving(message: &Message) -> bool {
    let under_way = matches!(
        message.status,
        DeliveryStatus::Accepted | DeliveryStatus::Sent
    );
    let file = message.content.attachment();
    (under_way && message.author != Author::Contact) || file.is_some_and(|f| f.is_pending())
}

fn fingerprint(message: &Message, entry: &MessageView) -> String {
    let file = message.content.attachment();
    let stored = file.is_some_and(|f| f.stored.is_some());
    let gone = file.is_some_and(|f| f.unavailable.is_some());
    let (retry, doubt) = (entry.retry.is_some(), entry.doubt.is_some());
    format!(
        "{} {stored} {gone} {retry} {doubt} {:?}",
        message.status.name(),
        message.failure
    )
}
