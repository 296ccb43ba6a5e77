//! The list of conversations, while it is open: changed entries replace themselves, new ones are
//! offered.

use super::stream::{LOOK_ANYWAY, Pulse, STILL_HERE, answer, event};
use crate::extract::{Fields, Member};
use crate::pages::conversations::asked::Asked;
use crate::pages::conversations::list::LIST_PAGE;
use crate::pages::conversations::list_view::Talk;
use crate::pages::error::PageError;
use actix_web::web;
use actix_web::{HttpRequest, HttpResponse};
use adapters::ingest::tenant_topic;
use adapters::store::ConversationRow;
use askama::Template;
use bytes::Bytes;
use domain::ids::ConversationId;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

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
    let mut pulse = Pulse::deaf(&ending);
    pulse
        .listen(&member, &tenant_topic(member.who.tenant))
        .await;
    let watch = Watch {
        asked,
        since: query.get("since").parse().unwrap_or(0),
        seen: HashMap::new(),
        pulse,
        ready: VecDeque::new(),
        member,
    };
    Ok(answer(futures::stream::unfold(watch, Watch::next)))
}

/// One open list.
struct Watch {
    member: Member,
    asked: Asked,
    /// The newest entry that the page itself came with.
    since: i64,
    /// What each entry of the newest page looked like when it was last seen.
    seen: HashMap<ConversationId, String>,
    pulse: Pulse,
    ready: VecDeque<Bytes>,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<Bytes, actix_web::Error>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            if !self.pulse.turn(&self.member, LOOK_ANYWAY, GATHER).await {
                return None;
            }
            self.ready.push_back(STILL_HERE);
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "live update skipped");
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
                self.ready.push_back(event(None, None, &gone));
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
                Ok(html) => self.ready.push_back(event(None, None, &html)),
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
