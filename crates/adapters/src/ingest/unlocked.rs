//! A few words of contacts and agents who are known already, without a transaction: their conversations are
//! read, and written by one statement if they still are what was read. Two round trips instead of five, and
//! nobody waits for us while we think.
//!
//! ```text
//! read ▸ step in memory ▸ [one statement: conversations if unchanged ▸ messages if new ▸ their work]
//!                │                                  │                        │
//!                └─ asks for more ──────────────────┴─ changed ──────────────┴─ not new ──▶ with locks
//! ```
//!
//! What is decided here rests on the rows of the conversation and its contact alone; whoever changes
//! what a word leads to changes the conversation's.

use super::Configs;
use super::desk::dedupe_key;
use super::submission::{Outcome, Submission};
use super::told::Came;
use super::unit::{AfterCommit, Hold, Unit};
use super::write::{Table, Write, beside};
use crate::faults::{Point, point};
use crate::store::{Store, StoreError, without_nul};
use domain::desk::DeskEvent;
use domain::ids::{ChannelId, TenantId};
use domain::ports::{ChannelEvent, Heard};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most submissions that go this way: more of them share their locks, and one that cannot go without
/// takes all others with it.
const FEW: usize = 8;
/// The most words of them.
const FEW_WORDS: usize = 32;

/// Carries out submissions without locks. `None` if they need some, and nothing has happened then.
pub(super) async fn carry(
    store: &Store,
    configs: &Configs,
    submissions: &[(Submission, Option<Came>)],
    after: &mut AfterCommit,
) -> Option<Vec<Outcome>> {
    if !store.is_postgres() || submissions.len() > FEW {
        return None;
    }
    let mut words = Words::default();
    for (submission, _) in submissions {
        words.note(submission)?;
    }
    if words.new.len() + words.at_desk.len() > FEW_WORDS {
        return None;
    }
    match attempt(store, configs, submissions, words, after).await {
        Ok(outcomes) => Some(outcomes),
        // Whatever it is, it is met again with locks in hand, where it is told what became of it. That
        // holds for a connection lost at the end, too: what was stored then is found to be.
        Err(_) => {
            metrics::counter!("relevo_ingest_relocked").increment(1);
            *after = AfterCommit::default();
            None
        }
    }
}

/// What submissions look at that are words and nothing else.
#[derive(Default)]
struct Words {
    /// Contacts: tenant, line, their key, the topic.
    people: BTreeSet<(Uuid, Uuid, String, String)>,
    /// The keys of what they say.
    new: Vec<(ChannelId, String)>,
    /// Messages at the desk: tenant, conversation there, message there.
    at_desk: BTreeSet<(TenantId, i64, i64)>,
}

impl Words {
    /// Takes a submission along, if it suits.
    fn note(&mut self, submission: &Submission) -> Option<()> {
        match submission {
            Submission::Webhook(hook) => {
                let (tenant, line) = (hook.channel.tenant, hook.channel.id);
                for event in &hook.events {
                    let (ChannelEvent::Message { .. }, Some(from)) = (&event.event, &event.contact)
                    else {
                        return None;
                    };
                    let topic = from.thread.clone().unwrap_or_default();
                    self.people
                        .insert((tenant.0, line.0, from.key.clone(), topic));
                    self.new.push((line, without_nul(&event.dedupe_key)));
                }
            }
            // What is listed and not streamed repairs something.
            Submission::Desk(batch) if batch.cursor.is_some() => {
                for recorded in &batch.events {
                    let Heard::Event(DeskEvent::Message(message)) = &recorded.heard else {
                        return None;
                    };
                    let said = (batch.tenant, message.conversation, message.id);
                    self.at_desk.insert(said);
                }
            }
            _ => return None,
        }
        Some(())
    }
}

async fn attempt(
    store: &Store,
    configs: &Configs,
    submissions: &[(Submission, Option<Came>)],
    words: Words,
    after: &mut AfterCommit,
) -> Result<Vec<Outcome>, StoreError> {
    let now = store.clock().now();
    let mut outcomes = Vec::with_capacity(submissions.len());
    let mut unit = Unit {
        hold: Hold::Nothing,
        store,
        configs,
        now,
        after,
        came: None,
    };
    unit.look_at(words).await?;
    for (submission, came) in submissions {
        unit.now = store.clock().now();
        unit.came = *came;
        outcomes.push(unit.carry(submission).await?);
    }
    let write = unit.all_if_unchanged()?;
    point(Point::BeforeCommit);
    if let Some((text, values)) = write {
        let statement = store.timed(&store.write, &text, values);
        store.write.execute_raw(statement).await?;
    }
    Ok(outcomes)
}

impl Unit<'_> {
    /// Lays ready what is looked at. What is said is taken for new, as most is: what is not is found out by
    /// the insert.
    async fn look_at(&self, words: Words) -> Result<(), StoreError> {
        let (db, shelf) = (&self.store.write, &self.after.shelf);
        if !words.people.is_empty() {
            let people = words.people.into_iter();
            let people = people.map(|(tenant, line, key, topic)| {
                vec![tenant.into(), line.into(), key.into(), topic.into()]
            });
            self.glance(db, &people.collect::<Vec<_>>()).await?;
        }
        for (line, key) in words.new {
            shelf.lay_new(line, key);
        }
        if !words.at_desk.is_empty() {
            let said = words.at_desk.iter();
            let ids: BTreeSet<_> = said
                .map(|(tenant, at_desk, _)| (tenant.0, *at_desk))
                .collect();
            let ids = ids.into_iter();
            let ids = ids.map(|(tenant, at_desk)| vec![tenant.into(), at_desk.into()]);
            let lines = self.glance_at_desk(db, &ids.collect::<Vec<_>>()).await?;
            for (tenant, at_desk, message) in words.at_desk {
                if let Some(line) = lines.get(&(tenant, at_desk)) {
                    shelf.lay_new(*line, dedupe_key(message));
                }
            }
        }
        Ok(())
    }

    /// One statement that writes everything, or fails and writes nothing: if a conversation was changed
    /// since it was read, or a message is not new.
    fn all_if_unchanged(&mut self) -> Result<Option<Write>, StoreError> {
        let after = &self.after;
        let nothing_counted = after.matched.is_empty() && after.counted.is_empty();
        if !nothing_counted || !after.progress.is_empty() {
            return Err(StoreError::Stale);
        }
        let changed = after.shelf.changed();
        let new = after.unwritten.count(Table::Messages);
        let (mut writes, mut expected) = (Vec::new(), Vec::new());
        let mut checked = |(text, values): Write, rows: usize| {
            expected.push((writes.len(), i64::try_from(rows).unwrap_or(i64::MAX)));
            writes.push((text, values));
        };
        // Conversations first, which the order of the checks sees to: whoever writes into one holds its
        // row, so that nothing passes anything else of it.
        if let Some((text, values)) = single(self.writes_of_threads()?)? {
            checked((format!("{text} returning 1"), values), changed);
        }
        if let Some((text, values)) = single(self.writes_of(Table::Messages))? {
            let again = "on conflict (tenant_id, channel_id, dedupe_key) do nothing returning 1";
            checked((format!("{text} {again}"), values), new);
        }
        for (write, rows) in self.writes_of_streams() {
            checked(write, rows);
        }
        for table in Table::ALL {
            writes.extend(single(self.writes_of(table))?);
        }
        writes.extend(single(self.writes_of_reached())?);
        if writes.is_empty() {
            return Ok(None);
        }
        let (parts, mut values) = beside(writes);
        let checks = expected.into_iter().map(|(part, rows)| {
            values.push(rows.into());
            format!("(select count(*) from w{part}) = ${}", values.len())
        });
        let checks: Vec<String> = checks.collect();
        let whole = match checks.is_empty() {
            true => "true".to_owned(),
            false => checks.join(" and "),
        };
        // A statement that fails writes nothing: otherwise what is unchanged would be written.
        let text = format!("with {parts} select 1 / (case when {whole} then 1 else 0 end)");
        Ok(Some((text, values)))
    }
}

/// The one statement on a table. Several of them keep their order, which parts of one statement have not.
fn single(mut writes: Vec<Write>) -> Result<Option<Write>, StoreError> {
    match writes.len() {
        0 | 1 => Ok(writes.pop()),
        _ => Err(StoreError::Stale),
    }
}
