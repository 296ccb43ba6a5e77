//! What the benchmark asks of the other side.

use super::super::mark::Mark;
use super::super::verdict::Notes;
use super::{AGENT, Far, lock, now_us, stream};
use crate::bench::chance::Chance;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// All that was noted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Noted {
    /// What contacts said and a desk got.
    pub at_desk: Notes,
    /// What agents said.
    pub said: Notes,
    /// What agents said and a line got.
    pub at_line: Notes,
    /// Conversations that were opened at desks.
    pub talks: usize,
    /// Long polls that are held now.
    pub polls: i64,
    /// The most subscriptions that began in one second.
    pub most_began: u64,
}

/// Answers what was noted; with `light`, without the messages themselves.
pub(super) async fn notes(far: Data<Far>, asked: actix_web::web::Query<Asked>) -> HttpResponse {
    let whole = |notes: &std::sync::Mutex<Notes>| {
        let notes = lock(notes);
        if asked.light {
            light(&notes)
        } else {
            notes.clone()
        }
    };
    HttpResponse::Ok().json(Noted {
        at_desk: whole(&far.at_desk),
        said: whole(&far.said),
        at_line: whole(&far.at_line),
        talks: lock(&far.talks).len(),
        polls: far.streams.open(),
        most_began: far.streams.most_began(),
    })
}

/// How much is wanted.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    light: bool,
}

/// How many and when, without which.
fn light(notes: &Notes) -> Notes {
    Notes {
        talks: BTreeMap::new(),
        took_us: vec![0; notes.count()],
        span_us: notes.span_us,
    }
}

/// What agents are to say.
#[derive(Debug, Deserialize, Serialize)]
pub(in super::super) struct Orders {
    /// Messages a second, over all desks.
    pub per_second: u32,
    /// How many in all.
    pub messages: u32,
    /// At most so many at once to one listener.
    pub burst: usize,
    /// Lengths of the texts, in bytes: from and to.
    pub bytes: (usize, usize),
}

/// Begins to talk, and answers at once.
pub(super) async fn agents(far: Data<Far>, orders: Json<Orders>) -> HttpResponse {
    actix_web::rt::spawn(talk(far, orders.into_inner()));
    HttpResponse::Accepted().finish()
}

async fn talk(far: Data<Far>, orders: Orders) {
    let mut chance = Chance::new(3);
    let talks: Vec<(i64, i64)> = lock(&far.talks).iter().map(|(t, o)| (*t, *o)).collect();
    let mut numbers: BTreeMap<i64, u32> = BTreeMap::new();
    let began = now_us();
    let step = 1_000_000 / u64::from(orders.per_second.max(1));
    let mut said = 0;
    while said < orders.messages {
        let due_us = began + u64::from(said) * step;
        let ahead = due_us.saturating_sub(now_us());
        if ahead > 0 {
            tokio::time::sleep(Duration::from_micros(ahead)).await;
        }
        let Some((talk, organization)) = chance.of(&talks).copied() else {
            return;
        };
        let burst = 1 + chance.below(orders.burst.max(1));
        let burst = burst.min(usize::try_from(orders.messages - said).unwrap_or(1));
        let mut events = Vec::with_capacity(burst);
        for _ in 0..burst {
            let number = numbers.entry(talk).or_default();
            *number += 1;
            let mark = Mark {
                talk: u32::try_from(talk).unwrap_or(0),
                number: *number,
                due_us,
            };
            let (from, to) = orders.bytes;
            let text = mark.text(from + chance.below(to.saturating_sub(from).max(1)));
            events.push(event(talk, far.id(), &text));
            lock(&far.said).note(mark, now_us());
            said += 1;
        }
        let channel = stream::channel(talk);
        let events = events
            .iter()
            .map(|event| (channel.as_str(), event.as_str()));
        far.streams.push_all(organization, events);
    }
}

/// An agent's message (`lets-talk.md`, «Realtime events over PubNub»).
fn event(talk: i64, id: i64, text: &str) -> String {
    json!({
        "namespace": "messages.create",
        "data": {
            "id": id, "content": text, "content_type": "text/plain", "type": "NORMAL",
            "conversation_id": talk, "person_type": "User", "person_id": AGENT, "internal": false,
            "person": { "id": AGENT, "name": "Camila", "type": "User" },
        },
    })
    .to_string()
}

/// Whether desks answer.
#[derive(Debug, Deserialize, Serialize)]
pub(in super::super) struct Down {
    /// They answer 503.
    pub down: bool,
}

pub(super) async fn down(far: Data<Far>, wanted: Json<Down>) -> HttpResponse {
    far.down.store(wanted.down, Ordering::Relaxed);
    HttpResponse::Ok().finish()
}

/// Forgets what was noted; conversations stay open.
pub(super) async fn clear(far: Data<Far>) -> HttpResponse {
    for notes in [&far.at_desk, &far.said, &far.at_line] {
        *lock(notes) = Notes::default();
    }
    HttpResponse::Ok().finish()
}
