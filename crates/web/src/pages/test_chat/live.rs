//! `GET /test-chat/live`: the thread and the trace as they change. Each event holds the whole of
//! its part, so that a lost one does no harm.

use super::{get, line};
use crate::extract::{Member, Operator};
use crate::pages::error::PageError;
use actix_web::HttpResponse;
use actix_web::http::header::{self, ContentEncoding};
use actix_web::web;
use adapters::ingest::conversation_topic;
use askama::Template;
use bytes::Bytes;
use domain::ids::{ChannelId, ConversationId};
use futures::StreamExt;
use futures::stream::BoxStream;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Without a note, the database is looked at this often: notes may get lost.
const LOOK_ANYWAY: Duration = Duration::from_secs(10);
/// Before the first message there is no topic to listen on.
const LOOK_FOR_FIRST: Duration = Duration::from_millis(700);

pub(super) async fn listen(
    Operator(member): Operator,
    ending: web::Data<CancellationToken>,
) -> Result<HttpResponse, PageError> {
    let channel = line::of(&member).await?.channel.id;
    let watch = Watch {
        member,
        channel,
        known: None,
        notes: futures::stream::pending().boxed(),
        ending: ending.get_ref().clone(),
        shown: [String::new(), String::new()],
        first: true,
    };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::HeaderName::from_static("x-accel-buffering"), "no"))
        // Compression would hold events back until its buffer is full.
        .insert_header((header::CONTENT_ENCODING, ContentEncoding::Identity))
        .streaming(futures::stream::unfold(watch, Watch::next)))
}

/// One open page.
struct Watch {
    member: Member,
    channel: ChannelId,
    known: Option<ConversationId>,
    notes: BoxStream<'static, Bytes>,
    ending: CancellationToken,
    /// Thread and trace as last sent.
    shown: [String; 2],
    first: bool,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        if !std::mem::take(&mut self.first) {
            let pause = match self.known {
                Some(_) => LOOK_ANYWAY,
                None => LOOK_FOR_FIRST,
            };
            let note = tokio::select! {
                () = self.ending.cancelled() => return None,
                note = self.notes.next() => note.is_some(),
                () = tokio::time::sleep(pause) => true,
            };
            if !note {
                self.notes = futures::stream::pending().boxed();
            }
        }
        // A comment finds out whether the page is still open.
        let mut told = String::from(": \n\n");
        match self.look().await {
            Ok(events) => told.push_str(&events),
            Err(error) => tracing::warn!(%error, "live update of the test chat skipped"),
        }
        Some((Ok(Bytes::from(told)), self))
    }

    async fn look(&mut self) -> Result<String, PageError> {
        let row = line::thread(&self.member, self.channel).await?;
        if let (None, Some(row)) = (self.known, &row) {
            let id = row.conversation.id;
            self.known = Some(id);
            let queue = &self.member.visitor.app.queue;
            if let Ok(notes) = queue.listen(&conversation_topic(id)).await {
                self.notes = notes;
            }
        }
        let thread = get::thread(&self.member, row.as_ref()).await?;
        let trace = get::traced(&self.member, row.as_ref()).await?;
        let parts = [("thread", thread.render()), ("trace", trace.render())];
        let mut told = String::new();
        for (shown, (name, html)) in self.shown.iter_mut().zip(parts) {
            let html = html.map_err(|error| PageError::Broken(error.to_string()))?;
            if html != *shown {
                told.push_str(&event(name, &html));
                *shown = html;
            }
        }
        Ok(told)
    }
}

/// One server-sent event.
fn event(name: &str, html: &str) -> String {
    let mut text = format!("event: {name}\n");
    for line in html.lines() {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text
}
