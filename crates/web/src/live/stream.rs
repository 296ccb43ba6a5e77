//! What all live pages do alike: wait for a note or a while, end with the server or the login, and
//! send events.

use crate::extract::Member;
use actix_web::HttpResponse;
use actix_web::http::header::{self, ContentEncoding};
use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Without a note, the database is looked at this often: notes may get lost.
pub(crate) const LOOK_ANYWAY: Duration = Duration::from_secs(15);

/// When an open page is looked at again.
pub(crate) struct Pulse {
    first: bool,
    notes: BoxStream<'static, Bytes>,
    ending: CancellationToken,
}

impl Pulse {
    /// One that hears no notes yet.
    pub fn deaf(ending: &CancellationToken) -> Self {
        Self {
            first: true,
            notes: stream::pending().boxed(),
            ending: ending.clone(),
        }
    }

    /// Hears the notes of a topic from now on; only time tells while the queue is out of reach.
    pub async fn listen(&mut self, member: &Member, topic: &str) {
        match member.visitor.app.queue.listen(topic).await {
            Ok(notes) => self.notes = notes,
            Err(error) => tracing::warn!(%error, "live updates by looking only"),
        }
    }

    /// Until something may have changed, at most for `pause`; the first time at once. After a note
    /// more of them are awaited for `gather`, to be answered together. `false` when the page is to
    /// end: the server stops, or the login that it was opened with is over.
    pub async fn turn(&mut self, member: &Member, pause: Duration, gather: Duration) -> bool {
        if std::mem::take(&mut self.first) {
            return true;
        }
        let ending = self.ending.clone();
        let waited = async {
            let Ok(note) = tokio::time::timeout(pause, self.notes.next()).await else {
                return;
            };
            let more = async { while self.notes.next().await.is_some() {} };
            let over = note.is_none() || tokio::time::timeout(gather, more).await.is_ok();
            if over {
                // The queue went away: from now on only time tells.
                self.notes = stream::pending().boxed();
            }
        };
        tokio::select! {
            () = ending.cancelled() => return false,
            () = waited => {}
        }
        member.is_still_in().await.unwrap_or_else(|error| {
            // Without the database there is nothing to show either; the next look tells.
            tracing::warn!(%error, "a live page's login could not be looked at");
            true
        })
    }
}

/// Headers go out with the first bytes; a comment also finds out whether the page is still open.
pub(crate) const STILL_HERE: Bytes = Bytes::from_static(b": \n\n");

/// One server-sent event; the page puts its data where its name says.
pub(crate) fn event(name: Option<&str>, id: Option<i64>, html: &str) -> Bytes {
    let mut text = String::new();
    if let Some(name) = name {
        text.push_str(&format!("event: {name}\n"));
    }
    if let Some(id) = id {
        text.push_str(&format!("id: {id}\n"));
    }
    for line in html.lines() {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    Bytes::from(text)
}

/// The events as an answer that nobody on the way holds back.
pub(crate) fn answer(
    events: impl Stream<Item = Result<Bytes, actix_web::Error>> + 'static,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::HeaderName::from_static("x-accel-buffering"), "no"))
        // Compression would hold events back until its buffer is full.
        .insert_header((header::CONTENT_ENCODING, ContentEncoding::Identity))
        .streaming(events)
}

#[cfg(test)]
mod tests {
    use super::event;

    #[test]
    fn an_entry_of_several_lines_is_one_event() {
        let entry = event(None, Some(7), "<li>\nhola</li>");
        assert_eq!(&entry[..], b"id: 7\ndata: <li>\ndata: hola</li>\n\n");
        let part = event(Some("trace"), None, "<p>");
        assert_eq!(&part[..], b"event: trace\ndata: <p>\n\n");
    }
}
