//! PubNub's long poll (`pubnub.md` §4): one queue per subscribe key, which holds what its only
//! listener has not confirmed with its next cursor.

use super::{Far, OWN_AGENT, agent_key, lock, now_us};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// An empty answer comes after so long.
const HOLD: Duration = Duration::from_secs(280);
/// Entries of one answer.
const MOST: usize = 100;

/// What waits for one listener.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<(u64, String)>,
    last: u64,
    /// Somebody has listened.
    known: bool,
    news: Arc<Notify>,
}

/// All queues, and how the polls do.
#[derive(Default)]
pub(super) struct Streams {
    queues: Mutex<HashMap<String, Queue>>,
    /// Polls that are held now.
    open: AtomicI64,
    /// Subscriptions that began in this second, and the most that ever did in one.
    began: Mutex<(u64, u64)>,
    most_began: AtomicU64,
}

/// The subscribe key of an organization.
pub(in super::super) fn key(organization: i64) -> String {
    format!("sub-{organization}")
}

/// The channel on which a conversation's events come.
pub(super) fn channel(conversation: i64) -> String {
    format!("conversation-{conversation}")
}

/// The group through which conversations' events reach the agent as whom Relevo listens.
fn group() -> String {
    format!("user-{OWN_AGENT}-channel")
}

/// A timetoken: 17 digits, ticks of 100 ns.
fn ticks() -> u64 {
    now_us() * 10
}

impl Streams {
    /// Publishes events of a channel to an organization's listener, which come out of one poll;
    /// with `twice`, the last one comes once more under its old timetoken.
    pub fn push_all(&self, organization: i64, channel: &str, events: &[String], twice: bool) {
        let key = key(organization);
        let mut queues = lock(&self.queues);
        let queue = queues.entry(key.clone()).or_default();
        for payload in events {
            let token = ticks().max(queue.last + 1);
            queue.last = token;
            let entry = format!(
                "{{\"a\":\"2\",\"f\":514,\"i\":\"lt\",\"p\":{{\"t\":\"{token}\",\"r\":12}},\"k\":\"{key}\",\
                 \"c\":\"{channel}\",\"d\":{payload},\"b\":\"{}\"}}",
                group()
            );
            queue.waiting.push_back((token, entry));
        }
        if let Some(last) = queue.waiting.back().filter(|_| twice).cloned() {
            queue.waiting.push_back(last);
        }
        queue.news.notify_waiters();
    }

    /// What a listener gets after its cursor; `None`: nothing yet, and who tells of more.
    fn after(&self, key: &str, cursor: u64) -> Result<String, Arc<Notify>> {
        let mut queues = lock(&self.queues);
        let queue = queues.entry(key.to_owned()).or_default();
        while queue
            .waiting
            .front()
            .is_some_and(|(token, _)| *token <= cursor)
        {
            queue.waiting.pop_front();
        }
        let Some(last) = queue.waiting.iter().take(MOST).next_back() else {
            return Err(queue.news.clone());
        };
        let mut body = answer(last.0);
        for (n, (_, entry)) in queue.waiting.iter().take(MOST).enumerate() {
            let comma = if n == 0 { "" } else { "," };
            // Writing into a string cannot fail.
            let _ = write!(body, "{comma}{entry}");
        }
        body.push_str("]}");
        Ok(body)
    }

    /// Counts a listener that was never there before.
    fn listens(&self, key: &str) {
        let mut queues = lock(&self.queues);
        let queue = queues.entry(key.to_owned()).or_default();
        if std::mem::replace(&mut queue.known, true) {
            return;
        }
        drop(queues);
        let second = now_us() / 1_000_000;
        let mut began = lock(&self.began);
        *began = if began.0 == second {
            (second, began.1 + 1)
        } else {
            (second, 1)
        };
        self.most_began.fetch_max(began.1, Ordering::Relaxed);
    }

    /// Polls that are held now.
    pub fn open(&self) -> usize {
        usize::try_from(self.open.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// The most subscriptions that began in one second.
    pub fn most_began(&self) -> u64 {
        self.most_began.load(Ordering::Relaxed)
    }
}

fn answer(cursor: u64) -> String {
    format!("{{\"t\":{{\"t\":\"{cursor}\",\"r\":12}},\"m\":[")
}

/// Who listens, to what, and where they are.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    tt: u64,
    #[serde(default)]
    uuid: String,
    #[serde(default)]
    auth: String,
    #[serde(default, rename = "channel-group")]
    groups: String,
}

impl From {
    /// What is wrong with it, as PubNub or the desk's keyset would say.
    fn fault(&self, key: &str, channels: &str) -> Option<(StatusCode, &'static str)> {
        let organization = key.strip_prefix("sub-").and_then(|it| it.parse().ok());
        let Some(organization) = organization else {
            return Some((StatusCode::BAD_REQUEST, "poll: nobody's key"));
        };
        if self.auth != agent_key(organization) || self.uuid != format!("user-{OWN_AGENT}") {
            return Some((StatusCode::FORBIDDEN, "poll: not the agent"));
        }
        let presence = format!("presence.user-{OWN_AGENT}");
        if !channels.split(',').any(|it| it == presence) {
            return Some((StatusCode::BAD_REQUEST, "poll: the agent is not online"));
        }
        let heard = self.groups.split(',').any(|it| it == group());
        (!heard).then_some((StatusCode::BAD_REQUEST, "poll: hears no conversation"))
    }
}

/// Counts a poll as held for as long as it lives, also when the listener hangs up.
struct Held<'a>(&'a AtomicI64);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `GET /time/0`: the cursor of somebody who never listened before.
pub(super) async fn time() -> HttpResponse {
    json(format!("[{}]", ticks()))
}

fn json(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}

pub(super) async fn poll(
    far: Data<Far>,
    path: Path<(String, String)>,
    from: Query<From>,
) -> HttpResponse {
    let (key, channels) = path.into_inner();
    if let Some((status, why)) = from.fault(&key, &channels) {
        return far.refuse(status, why);
    }
    far.streams.listens(&key);
    if from.tt == 0 {
        return json(answer(ticks()) + "]}");
    }
    far.streams.open.fetch_add(1, Ordering::Relaxed);
    let _held = Held(&far.streams.open);
    let until = tokio::time::Instant::now() + HOLD;
    loop {
        let news = match far.streams.after(&key, from.tt) {
            Ok(body) => return json(body),
            Err(news) => news,
        };
        let mut told = std::pin::pin!(news.notified());
        told.as_mut().enable();
        // What came in between has told nobody.
        if let Ok(body) = far.streams.after(&key, from.tt) {
            return json(body);
        }
        if tokio::time::timeout_at(until, told).await.is_err() {
            return json(answer(from.tt) + "]}");
        }
    }
}
