//! The list of conversations, while it is open: changed entries replace themselves, new ones are
//! offered.

use super::conversation::event;
use crate::extract::{Fields, Member};
use crate::pages::conversations::asked::Asked;
use crate::pages::conversations::list::LIST_PAGE;
use crate::pages::conversations::list_view::Talk;
use crate::pages::error::PageError;
use actix_web::http::header::{self, ContentEncoding};
use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};
use adapters::ingest::tenant_topic;
use adapters::store::ConversationRow;
use askama::Template;
use bytes::Bytes;
use domain::ids::ConversationId;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Without a note, the database is looked at this often: notes may get lost.
const LOOK_ANYWAY: Duration = Duration::from_secs(15);
/// A company with much traffic gives many notes: they are answered together.
const GATHER: Duration = Duration::from_millis(400);

/// `GET /conversations/live?<filters>&since=<ms>`: a stream of list entries, each under its id. An
/// entry that left the list comes as an empty one with `data-gone`.
///
/// # Errors
/// As the list.
pub async fn listen(
    request: HttpRequest,
    member: Member,
    ending: web::Data<CancellationToken>,
) -> Result<HttpResponse, PageError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let asked = Asked::parse(&query, &member.tenant.settings.hours.time_zone);
    let queue = &member.visitor.app.queue;
    let notes = match queue.listen(&tenant_topic(member.who.tenant)).await {
        Ok(notes) => notes,
        Err(error) => {
            tracing::warn!(%error, "live updates by looking only");
            futures::stream::pending().boxed()
        }
    };
    let watch = Watch {
        asked,
        since: query.get("since").parse().unwrap_or(0),
        seen: HashMap::new(),
        first: true,
        notes,
        ending: ending.get_ref().clone(),
        ready: VecDeque::new(),
        member,
    };
    let stream = futures::stream::unfold(watch, Watch::next);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::HeaderName::from_static("x-accel-buffering"), "no"))
        // Compression would hold events back until its buffer is full.
        .insert_header((header::CONTENT_ENCODING, ContentEncoding::Identity))
        .streaming(stream))
}

/// One open list.
struct Watch {
    member: Member,
    asked: Asked,
    /// The newest entry that the page itself came with.
    since: i64,
    /// What each entry of the newest page looked like when it was last seen.
    seen: HashMap<ConversationId, String>,
    first: bool,
    notes: BoxStream<'static, Bytes>,
    ending: CancellationToken,
    ready: VecDeque<Bytes>,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            if !std::mem::take(&mut self.first) && !self.wait().await {
                return None;
            }
            // Headers go out with the first bytes; a comment also finds out whether the page is
            // still open.
            self.ready.push_back(Bytes::from_static(b": \n\n"));
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "live update skipped");
            }
        }
    }

    /// Until something may have changed; `false` when the server ends.
    async fn wait(&mut self) -> bool {
        let note = tokio::select! {
            () = self.ending.cancelled() => return false,
            note = self.notes.next() => note,
            () = tokio::time::sleep(LOOK_ANYWAY) => return true,
        };
        if note.is_none() {
            // The queue went away; the page asks again after a while.
            self.notes = futures::stream::pending().boxed();
            return true;
        }
        let gathered = tokio::time::sleep(GATHER);
        tokio::pin!(gathered);
        loop {
            tokio::select! {
                () = self.ending.cancelled() => return false,
                () = &mut gathered => return true,
                note = self.notes.next() => if note.is_none() {
                    self.notes = futures::stream::pending().boxed();
                },
            }
        }
    }

    /// Reads the newest page and queues what changed, oldest first.
    async fn look(&mut self) -> Result<(), PageError> {
        let talks = self.member.store.conversations();
        let rows = talks.list(&self.asked.filter, None, LIST_PAGE).await?;
        let missing = self.seen.keys().copied();
        let missing = missing.filter(|id| rows.iter().all(|r| r.conversation.id != *id));
        let missing: Vec<ConversationId> = missing.collect();
        let pushed_off = talks.these(&missing, &self.asked.filter).await?;
        for id in missing {
            self.seen.remove(&id);
            if pushed_off.iter().all(|r| r.conversation.id != id) {
                let gone = format!("<li id=\"t-{id}\" data-gone></li>");
                self.ready.push_back(event(&gone, None));
            }
        }
        let known = !self.seen.is_empty();
        let dates = self.member.dates();
        let l = self.member.visitor.lang;
        for row in rows.iter().rev() {
            let look = fingerprint(row);
            let before = self.seen.insert(row.conversation.id, look.clone());
            // The page itself showed the rest.
            let shown = !known && row.conversation.last_message_at.0 <= self.since;
            if shown || before.is_some_and(|b| b == look) {
                continue;
            }
            match Talk::of(row, &dates, l).render() {
                Ok(html) => self.ready.push_back(event(&html, None)),
                Err(error) => tracing::error!(%error, "template failed"),
            }
        }
        Ok(())
    }
}

fn fingerprint(row: &ConversationRow) -> String {
    let profile = &row.contact.profile;
    format!(
        "{} {} {} {:?} {:?}",
        row.conversation.last_seq,
        row.conversation.state.phase_name(),
        row.failed,
        profile.name,
        profile.tags
    )
}
