//! The desk's stream as it is kept: each event once, what became of it, and how far it was read.

use super::desk::{DeskBatch, conversation_of};
use super::unit::{Hold, Unit};
use super::write::Write;
use crate::store::{StoreError, many, without_nul};
use domain::desk::DeskEvent;
use domain::ids::TenantId;
use domain::ports::{Cursor, Heard, RealtimeEvent};
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeMap, HashSet};

/// The most events that one statement writes.
const AT_ONCE: usize = 64;

/// What is kept of an event, and where among it stands what became of it.
const EVENT: &str = "tenant_id, channel, timetoken, desk_conversation, outcome, raw, received_at";
const OUTCOME: usize = 4;

#[derive(FromQueryResult)]
struct Place {
    channel: String,
    timetoken: String,
}

/// An event as it was kept.
#[derive(FromQueryResult)]
pub(super) struct Parked {
    pub(super) channel: String,
    pub(super) timetoken: String,
    raw: String,
}

/// What is kept of streams without locks: it is written at the end, or not at all.
#[derive(Default)]
pub(crate) struct Streams {
    /// By owner, channel and place.
    events: BTreeMap<(TenantId, String, String), Vec<Value>>,
    cursors: BTreeMap<TenantId, Vec<Value>>,
}

impl Unit<'_> {
    /// Notes what became of an event; written with others of the transaction.
    pub(super) fn event_became(
        &mut self,
        tenant: TenantId,
        (channel, place): (String, String),
        outcome: &'static str,
    ) {
        self.after.became.insert((tenant, channel, place), outcome);
    }

    /// What became of events.
    pub(super) fn writes_of_events(&mut self) -> Vec<Write> {
        let judged = std::mem::take(&mut self.after.became).into_iter();
        let rows = judged.map(|((tenant, channel, place), outcome)| {
            vec![
                tenant.0.into(),
                channel.into(),
                place.into(),
                outcome.into(),
            ]
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        let writes = rows.chunks(self.rows()).map(|rows| {
            let (listed, values) = many::set(self.store.is_postgres(), Vec::new(), rows);
            let text = format!(
                "with judged(tenant, channel, place, outcome) as ({listed})
                update realtime_events set outcome = judged.outcome from judged
                where realtime_events.tenant_id = judged.tenant
                  and realtime_events.channel = judged.channel
                  and realtime_events.timetoken = judged.place"
            );
            (text, values)
        });
        writes.collect()
    }

    /// Writes the events of a batch down; the answer is those that were not there yet.
    pub(super) async fn first_seen(
        &mut self,
        batch: &DeskBatch,
    ) -> Result<HashSet<(String, String)>, StoreError> {
        let kept = batch.events.iter().filter(|recorded| is_kept(recorded));
        let rows: Vec<Vec<Value>> = kept
            .map(|recorded| {
                let event = match &recorded.heard {
                    Heard::Event(event) => Some(event),
                    Heard::Poison { .. } => None,
                };
                vec![
                    batch.tenant.0.into(),
                    recorded.channel.clone().into(),
                    place(recorded).into(),
                    event.and_then(conversation_of).into(),
                    "applied".into(),
                    recorded.raw.clone().into(),
                    self.now.0.into(),
                ]
            })
            .collect();
        let mut fresh = HashSet::with_capacity(rows.len());
        if let Hold::Nothing = self.hold {
            // Most are; what is not is found out by the insert.
            let events = batch.events.iter().filter(|recorded| is_kept(recorded));
            for (recorded, row) in events.zip(rows) {
                let (channel, place) = stands(recorded);
                let of = (batch.tenant, channel.clone(), place.clone());
                if self.after.streams.events.insert(of, row).is_none() {
                    fresh.insert((channel, place));
                }
            }
            return Ok(fresh);
        }
        let postgres = self.store.is_postgres();
        for piece in many::pieces(postgres, &rows, AT_ONCE) {
            let (listed, values) = many::list(postgres, piece);
            let text = format!(
                "insert into realtime_events ({EVENT}) {listed}
                on conflict (tenant_id, channel, timetoken) do nothing
                returning channel, timetoken"
            );
            let rows: Vec<Place> = self.all(&text, values).await?;
            fresh.extend(rows.into_iter().map(|row| (row.channel, row.timetoken)));
        }
        Ok(fresh)
    }

    /// The stream was read up to here.
    pub(super) async fn advance_cursor(
        &mut self,
        batch: &DeskBatch,
        cursor: Cursor,
    ) -> Result<(), StoreError> {
        let text = "update desks set timetoken = $2, region = $3, fence = $4
            where tenant_id = $1 and fence <= $4";
        let region = cursor.region.map(|r| r.to_string());
        let values = vec![
            batch.tenant.0.into(),
            cursor.timetoken.to_string().into(),
            region.into(),
            batch.fence.into(),
        ];
        if let Hold::Nothing = self.hold {
            // Of two epochs each is judged by itself.
            return match self.after.streams.cursors.insert(batch.tenant, values) {
                None => Ok(()),
                Some(_) => Err(StoreError::Stale),
            };
        }
        if self.run(text, values).await?.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        Ok(())
    }

    /// What was kept of streams without locks, and how many rows each statement writes if nobody was
    /// there before.
    pub(super) fn writes_of_streams(&mut self) -> Vec<(Write, usize)> {
        let mut streams = std::mem::take(&mut self.after.streams);
        for (of, outcome) in std::mem::take(&mut self.after.became) {
            if let Some(kept) = streams
                .events
                .get_mut(&of)
                .and_then(|row| row.get_mut(OUTCOME))
            {
                *kept = outcome.into();
            }
        }
        let postgres = self.store.is_postgres();
        let mut writes = Vec::new();
        let events: Vec<Vec<Value>> = streams.events.into_values().collect();
        if !events.is_empty() {
            let (listed, values) = many::list(postgres, &events);
            let text = format!(
                "insert into realtime_events ({EVENT}) {listed}
                on conflict (tenant_id, channel, timetoken) do nothing returning 1"
            );
            writes.push(((text, values), events.len()));
        }
        let cursors: Vec<Vec<Value>> = streams.cursors.into_values().collect();
        if !cursors.is_empty() {
            let (listed, values) = many::set(postgres, Vec::new(), &cursors);
            let text = format!(
                "with read(tenant, timetoken, region, fence) as ({listed})
                update desks set timetoken = read.timetoken, region = read.region, fence = read.fence
                from read where desks.tenant_id = read.tenant and desks.fence <= read.fence
                returning 1"
            );
            writes.push(((text, values), cursors.len()));
        }
        writes
    }
}

/// Whether an event is kept: typing and noise come by the dozen, and are not worth a row each.
pub(super) fn is_kept(recorded: &RealtimeEvent) -> bool {
    !matches!(
        recorded.heard,
        Heard::Event(DeskEvent::Typing { .. } | DeskEvent::Ignored { .. })
    )
}

/// Where an event stands, as the database tells it back.
pub(super) fn stands(event: &RealtimeEvent) -> (String, String) {
    (without_nul(&event.channel), place(event))
}

/// Where an event stands on its channel: its publish time, or for listed rows the message id.
pub(super) fn place(event: &RealtimeEvent) -> String {
    match (event.timetoken, &event.heard) {
        (Some(timetoken), _) => timetoken.to_string(),
        (None, Heard::Event(DeskEvent::Message(message))) => format!("lt:{}", message.id),
        (None, _) => format!("raw:{}", fingerprint(&event.raw)),
    }
}

/// A short fingerprint for listed rows that cannot be read.
fn fingerprint(raw: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(raw.as_bytes()))
}

/// Reads a kept event once more: an entry of the stream, or a listed row.
pub(super) fn reread(kept: &Parked, own_user: i64) -> Option<DeskEvent> {
    use crate::desk::decode;
    let raw: serde_json::Value = serde_json::from_str(&kept.raw).ok()?;
    if let Some(body) = raw.get("d") {
        return decode::event(body, &kept.channel, own_user).ok();
    }
    let came_from = kept
        .channel
        .strip_prefix("conversation-")
        .and_then(|id| id.parse().ok());
    decode::message(&raw, own_user, came_from)
        .ok()
        .map(DeskEvent::Message)
}
