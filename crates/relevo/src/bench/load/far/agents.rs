//! Agents who speak, by a schedule that waits for nobody.

use super::super::mark::Mark;
use super::talks::{Row, event};
use super::{Far, lock, now_us, stream};
use crate::bench::chance::Chance;
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// What agents are to say.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(in super::super) struct Orders {
    /// Messages a second, over all desks; `None`: all at once.
    pub per_second: Option<u32>,
    /// How many in all.
    pub messages: u32,
    /// At most so many in a row in one conversation, which come out of one poll. WhatsApp takes some
    /// 40 at once to one contact, so this stays well below.
    pub burst: usize,
    /// Lengths of the texts, in bytes: from and to.
    pub bytes: (usize, usize),
}

/// One message in so many comes twice out of the stream.
const TWICE: usize = 50;

/// Begins to speak, and answers at once.
pub(super) async fn speak(far: Data<Far>, orders: Json<Orders>) -> HttpResponse {
    actix_web::rt::spawn(all(far, orders.into_inner()));
    HttpResponse::Accepted().finish()
}

async fn all(far: Data<Far>, orders: Orders) {
    let mut chance = Chance::new(3);
    let mut numbers: BTreeMap<i64, u32> = BTreeMap::new();
    let began = now_us();
    let step = orders
        .per_second
        .map_or(0, |rate| 1_000_000 / u64::from(rate.max(1)));
    let mut said = 0;
    while said < orders.messages {
        let due_us = began + u64::from(said) * step;
        let ahead = due_us.saturating_sub(now_us());
        if ahead > 0 {
            tokio::time::sleep(Duration::from_micros(ahead)).await;
        }
        // A turn for each: none gets more at once than its platform takes.
        let Some((talk, organization)) = lock(&far.talks).next() else {
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
            let row = Row {
                id: far.id(),
                text: mark.text(from + chance.below(to.saturating_sub(from).max(1))),
                remote_id: None,
            };
            let data = event(talk, &row, 0);
            let event = json!({ "namespace": "messages.create", "data": data });
            events.push(event.to_string());
            lock(&far.talks).said(talk, row);
            lock(&far.said).note(mark, now_us());
            said += 1;
        }
        let twice = chance.once_in(TWICE.div_ceil(burst));
        let channel = stream::channel(talk);
        far.streams.push_all(organization, &channel, &events, twice);
        if step == 0 {
            // Others have their turn, too.
            tokio::task::yield_now().await;
        }
    }
}
