//! Locks before work: a transaction that touches several conversations locks them first, in the
//! order of their ids. Several processes share commits over the same conversations; without one
//! order for all they would wait for each other until the database breaks the knot, a second
//! later. What the submissions will look at is then read for all of them.

use super::Submission;
use super::command::Command;
use super::desk::{Known, conversation_of, dedupe_key};
use super::unit::Unit;
use crate::store::{StoreError, many, without_nul};
use domain::contact::ContactAddress;
use domain::desk::DeskEvent;
use domain::ids::{ChannelId, TenantId};
use domain::ports::{ChannelEvent, Heard};
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

/// The most that one statement names: far below what the protocol can carry.
const AT_ONCE: usize = 500;
/// For so many messages of one submission it is worth to ask first which of them are new.
const WORTH_ASKING: usize = 4;

/// What submissions are about to touch, by whatever they know it.
#[derive(Default)]
struct Needed {
    conversations: BTreeSet<(Uuid, Uuid)>,
    /// Those of results, which are seldom looked into.
    tried: BTreeSet<(Uuid, Uuid)>,
    people: BTreeSet<(Uuid, Uuid, String)>,
    at_desk: BTreeSet<(Uuid, i64)>,
    /// Keys of messages, with the line they came in on.
    keys: BTreeSet<(Uuid, Uuid, String)>,
    /// Messages at the desk, with their conversation there.
    said_at_desk: BTreeSet<(Uuid, i64, i64)>,
    /// Of what we sent: it does not come to the conversation by itself, and must not pass a receipt
    /// that is being written.
    news: bool,
}

#[derive(FromQueryResult)]
struct Found {
    tenant_id: Uuid,
    id: Uuid,
}

#[derive(FromQueryResult)]
struct AtDesk {
    tenant_id: Uuid,
    id: Uuid,
    conversation_id: Uuid,
    channel_id: Uuid,
    desk_conversation: i64,
}

#[derive(FromQueryResult)]
struct Stored {
    channel_id: Uuid,
    dedupe_key: String,
}

impl Unit<'_> {
    /// Locks what the submissions will touch, as far as it exists already, and lays ready what they
    /// will look at. What does not exist is made later under its unique keys.
    pub(crate) async fn lock_in_order(
        &self,
        submissions: impl Iterator<Item = &Submission>,
    ) -> Result<(), StoreError> {
        // SQLite has one writer at a time, and a statement there is no round trip.
        if !self.store.is_postgres() {
            return Ok(());
        }
        let mut needed = Needed::default();
        for submission in submissions {
            needed.note(submission);
        }
        // What is known by its conversation counts on the lock; a single one of the others takes it
        // when it comes to it.
        let known = needed.conversations.len() + needed.tried.len();
        let by_name = needed.people.len() + needed.at_desk.len();
        let messages = needed.keys.len() + needed.said_at_desk.len();
        if known == 0 && by_name < 2 && messages < WORTH_ASKING && !needed.news {
            return Ok(());
        }
        let mut looked_into = needed.conversations;
        looked_into.extend(self.conversations_of(needed.people).await?);
        let at_desk = self.at_desk(&needed.at_desk).await?;
        let at_desk = at_desk.into_iter();
        looked_into.extend(at_desk.map(|found| (found.tenant_id, found.conversation_id)));
        self.lock(looked_into.union(&needed.tried)).await?;
        // Under the locks: as whoever had them in hand left them.
        for found in self.at_desk(&needed.at_desk).await? {
            let (tenant, id) = (found.tenant_id, found.desk_conversation);
            let said = needed
                .said_at_desk
                .range((tenant, id, i64::MIN)..=(tenant, id, i64::MAX));
            let said = said.map(|(_, _, message)| dedupe_key(*message));
            let keys = said.map(|key| (tenant, found.channel_id, key));
            needed.keys.extend(keys);
            let known = Known {
                id: found.id,
                conversation_id: found.conversation_id,
            };
            self.after.shelf.lay_desk(TenantId(tenant), id, known);
        }
        let looked_into: Vec<(Uuid, Uuid)> = looked_into.into_iter().collect();
        self.lay_threads(&looked_into).await?;
        self.lay_new(needed.keys).await
    }

    async fn conversations_of(
        &self,
        people: BTreeSet<(Uuid, Uuid, String)>,
    ) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let people = people.into_iter().map(|(tenant, line, key)| {
            let key: Value = key.into();
            vec![tenant.into(), line.into(), key]
        });
        let people: Vec<Vec<Value>> = people.collect();
        let of_people = "select v.tenant_id, v.id from contacts c join conversations v
            on v.tenant_id = c.tenant_id and v.contact_id = c.id where ";
        let mut all = Vec::with_capacity(people.len());
        for names in [
            "c.tenant_id, c.channel_id, c.key",
            "c.tenant_id, c.channel_id, c.alias",
        ] {
            let found: Vec<Found> = self.found(of_people, names, &people, "").await?;
            all.extend(found.into_iter().map(|row| (row.tenant_id, row.id)));
        }
        Ok(all)
    }

    async fn at_desk(&self, ids: &BTreeSet<(Uuid, i64)>) -> Result<Vec<AtDesk>, StoreError> {
        let ids = ids.iter();
        let ids = ids.map(|(tenant, id)| vec![(*tenant).into(), (*id).into()]);
        let of_desk = "select tenant_id, id, conversation_id, channel_id, desk_conversation
            from handoffs where ";
        let names = "tenant_id, desk_conversation";
        self.found(of_desk, names, &ids.collect::<Vec<_>>(), "")
            .await
    }

    /// Locks conversations, which come in the order of their ids.
    async fn lock(
        &self,
        conversations: impl Iterator<Item = &(Uuid, Uuid)>,
    ) -> Result<(), StoreError> {
        let locks = conversations.map(|(tenant, id)| vec![(*tenant).into(), (*id).into()]);
        let lock = "select tenant_id, id from conversations where ";
        let in_order = " order by tenant_id, id for update";
        let locks: Vec<Vec<Value>> = locks.collect();
        let _: Vec<Found> = self.found(lock, "tenant_id, id", &locks, in_order).await?;
        Ok(())
    }

    /// Lays ready which of the keys no message has.
    async fn lay_new(&self, keys: BTreeSet<(Uuid, Uuid, String)>) -> Result<(), StoreError> {
        let rows = keys.iter().map(|(tenant, line, key)| {
            let key: Value = key.clone().into();
            vec![(*tenant).into(), (*line).into(), key]
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        let select = "select channel_id, dedupe_key from messages where ";
        let names = "tenant_id, channel_id, dedupe_key";
        let stored: Vec<Stored> = self.found(select, names, &rows, "").await?;
        let stored = stored
            .into_iter()
            .map(|row| (row.channel_id, row.dedupe_key));
        let stored: HashSet<(Uuid, String)> = stored.collect();
        for (_, line, key) in keys {
            let known = stored.contains(&(line, key.clone()));
            if !known {
                self.after.shelf.lay_new(ChannelId(line), key);
            }
        }
        Ok(())
    }

    async fn found<T: FromQueryResult>(
        &self,
        select: &str,
        names: &str,
        keys: &[Vec<Value>],
        end: &str,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        for keys in keys.chunks(AT_ONCE) {
            let (rows, values) = many::set(self.store.is_postgres(), Vec::new(), keys);
            let text = format!("{select}({names}) in ({rows}){end}");
            all.append(&mut self.all(&text, values).await?);
        }
        Ok(all)
    }
}

impl Needed {
    fn note(&mut self, submission: &Submission) {
        match submission {
            Submission::Webhook(hook) => {
                let (tenant, line) = (hook.channel.tenant, hook.channel.id);
                for event in &hook.events {
                    match event.event {
                        ChannelEvent::Delivery(_) => self.news = true,
                        ChannelEvent::Message { .. } => {
                            let key = without_nul(&event.dedupe_key);
                            self.keys.insert((tenant.0, line.0, key));
                        }
                        _ => {}
                    }
                    if let Some(address) = &event.contact {
                        self.person(tenant, line, address);
                    }
                }
            }
            Submission::Desk(batch) => {
                for recorded in &batch.events {
                    if let Heard::Event(event) = &recorded.heard
                        && let Some(id) = conversation_of(event)
                    {
                        self.at_desk.insert((batch.tenant.0, id));
                        if let DeskEvent::Message(message) = event {
                            self.said_at_desk.insert((batch.tenant.0, id, message.id));
                        }
                    }
                }
            }
            Submission::BotSays(said) => self.person(said.tenant, said.channel, &said.to),
            Submission::BotSaid(news) => {
                self.conversations
                    .insert((news.tenant.0, news.conversation.0));
            }
            // A failing handoff discards desk rows, and a contact's word reopens channel rows, while
            // they hold the conversation: a result holds it, too, before it marks its row. One that
            // leaves nothing else is marked without it (`store/turn.rs`), and waits for nobody.
            Submission::Tried(tried) => {
                let wakeup = &tried.claim.wakeup;
                self.tried.insert((wakeup.tenant.0, wakeup.conversation.0));
            }
            Submission::Timer(due) => {
                self.conversations
                    .insert((due.tenant.0, due.conversation.0));
            }
            Submission::Fetched(fetched) => {
                self.tried
                    .insert((fetched.tenant.0, fetched.conversation.0));
            }
            Submission::Command(command) => match command {
                Command::HandOff {
                    tenant,
                    conversation,
                    ..
                }
                | Command::End {
                    tenant,
                    conversation,
                    ..
                }
                | Command::Confidence {
                    tenant,
                    conversation,
                    ..
                }
                | Command::Tag {
                    tenant,
                    conversation,
                    ..
                } => {
                    self.conversations.insert((tenant.0, conversation.0));
                }
                Command::Note(note) => {
                    self.conversations
                        .insert((note.tenant.0, note.conversation.0));
                }
                Command::Said {
                    tenant,
                    channel,
                    from,
                    ..
                }
                | Command::Learn {
                    tenant,
                    channel,
                    contact: from,
                    ..
                } => self.person(*tenant, *channel, from),
                // Known by a row of the outbox only: locked when it comes to it.
                Command::Retry { .. } | Command::Discard { .. } => {}
            },
        }
    }

    fn person(&mut self, tenant: TenantId, line: ChannelId, address: &ContactAddress) {
        let ids = [Some(&address.key), address.alias.as_ref()];
        for id in ids.into_iter().flatten() {
            self.people.insert((tenant.0, line.0, without_nul(id)));
        }
    }
}
