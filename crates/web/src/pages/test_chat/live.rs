//! `GET /test-chat/live`: the thread and the trace as they change. Each event holds the whole of
//! its part, so that a lost one does no harm.

use super::{get, line};
use crate::extract::{Member, Operator};
use crate::live::stream::{LOOK_ANYWAY, Pulse, STILL_HERE, answer, event};
use crate::pages::error::PageError;
use actix_web::HttpResponse;
use actix_web::web;
use adapters::ingest::conversation_topic;
use askama::Template;
use bytes::Bytes;
use domain::ids::{ChannelId, ConversationId};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

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
        pulse: Pulse::deaf(&ending),
        shown: [String::new(), String::new()],
    };
    Ok(answer(futures::stream::unfold(watch, Watch::next)))
}

/// One open page.
struct Watch {
    member: Member,
    channel: ChannelId,
    known: Option<ConversationId>,
    pulse: Pulse,
    /// Thread and trace as last sent.
    shown: [String; 2],
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        let pause = match self.known {
            Some(_) => LOOK_ANYWAY,
            None => LOOK_FOR_FIRST,
        };
        let goes_on = self.pulse.turn(&self.member, pause, Duration::ZERO);
        if !goes_on.await {
            return None;
        }
        let mut told = STILL_HERE.to_vec();
        match self.look().await {
            Ok(events) => told.extend(events),
            Err(error) => tracing::warn!(%error, "live update of the test chat skipped"),
        }
        Some((Ok(Bytes::from(told)), self))
    }

    async fn look(&mut self) -> Result<Vec<u8>, PageError> {
        let row = line::thread(&self.member, self.channel).await?;
        if let (None, Some(row)) = (self.known, &row) {
            let id = row.conversation.id;
            self.known = Some(id);
            self.pulse
                .listen(&self.member, &conversation_topic(id))
                .await;
        }
        let thread = get::thread(&self.member, row.as_ref()).await?;
        let trace = get::traced(&self.member, row.as_ref()).await?;
        let parts = [("thread", thread.render()), ("trace", trace.render())];
        let mut told = Vec::new();
        for (shown, (name, html)) in self.shown.iter_mut().zip(parts) {
            let html = html.map_err(|error| PageError::Broken(error.to_string()))?;
            if html != *shown {
                told.extend(event(Some(name), None, &html));
                *shown = html;
            }
        }
        Ok(told)
    }
}
