//! Locks before work: a transaction that touches several conversations locks them first, in the
//! order of their ids. Several processes share commits over the same conversations; without one
//! order for all they would wait for each other until the database breaks the knot, a second
//! later. What the submissions will look at is then read for all of them.

use super::Submission;
use super::channel::told_by;
use super::command::Command;
use super::desk::{Known, conversation_of, dedupe_key};
use super::newcomers::{Name, Newcomer, Person, names};
use super::parts::{KnownPart, Part};
use super::unit::Unit;
use crate::store::{StoreError, many, without_nul};
use domain::contact::{ContactAddress, ContactProfile};
use domain::desk::DeskEvent;
use domain::ids::{ChannelId, TenantId};
use domain::message::DeliveryTarget;
use domain::ports::{ChannelEvent, Heard};
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// The most that one statement names: far below what the protocol can carry.
const AT_ONCE: usize = 500;
/// For so many messages of one submission it is worth to ask first which of them are new.
const WORTH_ASKING: usize = 4;

/// Ids at their platforms of parts that something is told of, with their line.
pub(super) type ToldOf = BTreeSet<(Uuid, Uuid, String)>;

/// What submissions are about to touch, by whatever they know it.
#[derive(Default)]
struct Needed<'a> {
    conversations: BTreeSet<(Uuid, Uuid)>,
    /// Those of results, which are seldom looked into.
    tried: BTreeSet<(Uuid, Uuid)>,
    people: BTreeSet<(Uuid, Uuid, String)>,
    /// Those of them who are to have a conversation, should they have none.
    welcome: Vec<Newcomer<'a>>,
    /// Where somebody known is about to move to.
    taken: HashSet<Name>,
    at_desk: BTreeSet<(Uuid, i64)>,
    /// Keys of messages, with the line they came in on.
    keys: BTreeSet<(Uuid, Uuid, String)>,
    /// Messages at the desk, with their conversation there.
    said_at_desk: BTreeSet<(Uuid, i64, i64)>,
    /// Ids at their platforms of what we sent, of which something is told: that does not come to the
    /// conversation by itself, and must not pass a receipt that is being written.
    told: ToldOf,
    /// To whom it was sent.
    spoken_of: HashSet<Name>,
    news: bool,
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
    /// will look at. People who write for the first time are made before: whoever waited for another
    /// to make the same ones would otherwise have locks in hand. Answers which parts of messages are to
    /// be laid ready once receipts are written ([`Unit::lay_parts`]).
    pub(super) async fn lock_in_order<'a>(
        &self,
        submissions: impl Iterator<Item = &'a Submission>,
    ) -> Result<ToldOf, StoreError> {
        // SQLite has one writer at a time, and a statement there is no round trip.
        if !self.store.is_postgres() {
            return Ok(ToldOf::new());
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
            return Ok(ToldOf::new());
        }
        let mut looked_into = needed.conversations;
        let mut people = self.people(&needed.people).await?;
        let mut taken = needed.taken;
        taken.extend(people.iter().flat_map(Person::names));
        // Who comes to be known in this very transaction may be spoken of in it.
        let coming = needed.welcome.iter();
        let coming: HashSet<Name> = coming.flat_map(|it| names(it.line, it.address)).collect();
        let nobody = needed.spoken_of.into_iter();
        let nobody = nobody.filter(|name| !taken.contains(name) && !coming.contains(name));
        self.after.shelf.lay_nobody(nobody);
        let welcomed = self.welcome(&needed.welcome, taken).await?;
        if welcomed.others_did {
            // They are locked in the order of all, too.
            people = self.people(&needed.people).await?;
        }
        looked_into.extend(people.iter().map(Person::conversation));
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
        looked_into.extend(welcomed.made);
        let looked_into: Vec<(Uuid, Uuid)> = looked_into.into_iter().collect();
        self.lay_threads(&looked_into).await?;
        self.lay_new(needed.keys).await?;
        Ok(needed.told)
    }

    async fn people(
        &self,
        called: &BTreeSet<(Uuid, Uuid, String)>,
    ) -> Result<Vec<Person>, StoreError> {
        let called = called.iter().map(|(tenant, line, key)| {
            let key: Value = key.clone().into();
            vec![(*tenant).into(), (*line).into(), key]
        });
        let called: Vec<Vec<Value>> = called.collect();
        let mut all = Vec::with_capacity(called.len());
        for names in [
            "c.tenant_id, c.channel_id, c.key",
            "c.tenant_id, c.channel_id, c.alias",
        ] {
            all.append(&mut self.found(Person::SELECT, names, &called).await?);
        }
        Ok(all)
    }

    async fn at_desk(&self, ids: &BTreeSet<(Uuid, i64)>) -> Result<Vec<AtDesk>, StoreError> {
        let ids = ids.iter();
        let ids = ids.map(|(tenant, id)| vec![(*tenant).into(), (*id).into()]);
        let of_desk = "select tenant_id, id, conversation_id, channel_id, desk_conversation
            from handoffs where ";
        let names = "tenant_id, desk_conversation";
        self.found(of_desk, names, &ids.collect::<Vec<_>>()).await
    }

    /// Locks conversations, which come in the order of their ids.
    async fn lock(
        &self,
        conversations: impl Iterator<Item = &(Uuid, Uuid)>,
    ) -> Result<(), StoreError> {
        let locks = conversations.map(|(tenant, id)| vec![(*tenant).into(), (*id).into()]);
        let locks: Vec<Vec<Value>> = locks.collect();
        for locks in locks.chunks(AT_ONCE) {
            let (rows, values) = many::set(self.store.is_postgres(), Vec::new(), locks);
            let text = format!(
                "select id from conversations where (tenant_id, id) in ({rows})
                order by tenant_id, id for update"
            );
            self.run(&text, values).await?;
        }
        Ok(())
    }

    /// Lays ready which parts are known by these ids.
    pub(super) async fn lay_parts(&self, told: ToldOf) -> Result<(), StoreError> {
        let rows = told.iter().map(|(tenant, line, id)| {
            let id: Value = id.clone().into();
            vec![(*tenant).into(), (*line).into(), id]
        });
        let names = "d.tenant_id, d.channel_id, d.external_id";
        let rows: Vec<Vec<Value>> = rows.collect();
        let known: Vec<KnownPart> = self.found(KnownPart::SELECT, names, &rows).await?;
        let mut parts: HashMap<(Uuid, String), Vec<Part>> = HashMap::with_capacity(told.len());
        for known in known {
            let called = (known.channel_id, known.external_id.clone());
            parts.entry(called).or_default().push(known.plain());
        }
        for (_, line, id) in told {
            let known = parts.remove(&(line, id.clone())).unwrap_or_default();
            self.after.shelf.lay_parts(ChannelId(line), id, known);
        }
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
        let stored: Vec<Stored> = self.found(select, names, &rows).await?;
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

    /// What `select`, which ends with «where», finds for each of the keys by these names, which must be
    /// the beginning of an index.
    async fn found<T: FromQueryResult>(
        &self,
        select: &str,
        names: &str,
        keys: &[Vec<Value>],
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        for keys in keys.chunks(AT_ONCE) {
            let (text, values) = many::looked_up(select, names, keys);
            all.append(&mut self.all(&text, values).await?);
        }
        Ok(all)
    }
}

impl<'a> Needed<'a> {
    fn note(&mut self, submission: &'a Submission) {
        match submission {
            Submission::Webhook(hook) => {
                let (tenant, line) = (hook.channel.tenant, hook.channel.id);
                for event in &hook.events {
                    match &event.event {
                        ChannelEvent::Delivery(news) => {
                            self.news = true;
                            let to = event.contact.iter();
                            self.spoken_of.extend(to.flat_map(|to| names(line, to)));
                            if let DeliveryTarget::External { id, .. } = &news.which {
                                self.told.insert((tenant.0, line.0, without_nul(id)));
                            }
                        }
                        ChannelEvent::Message { .. } => {
                            let key = without_nul(&event.dedupe_key);
                            self.keys.insert((tenant.0, line.0, key));
                        }
                        ChannelEvent::Moved { to } => self.taken.extend(names(line, to)),
                        _ => {}
                    }
                    let Some(address) = &event.contact else {
                        continue;
                    };
                    match hook.opens_by(event) {
                        true => self.comes((tenant, line), address, told_by(event)),
                        false => self.person(tenant, line, address),
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
            Submission::BotSays(said) => self.comes((said.tenant, said.channel), &said.to, None),
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
                    profile,
                    ..
                }
                | Command::Learn {
                    tenant,
                    channel,
                    contact: from,
                    profile,
                } => self.comes((*tenant, *channel), from, Some(profile)),
                // Known by a row of the outbox only: locked when it comes to it.
                Command::Retry { .. } | Command::Discard { .. } => {}
            },
        }
    }

    /// Somebody who has a conversation afterwards.
    fn comes(
        &mut self,
        (tenant, line): (TenantId, ChannelId),
        address: &'a ContactAddress,
        profile: Option<&'a ContactProfile>,
    ) {
        self.person(tenant, line, address);
        self.welcome.push(Newcomer {
            tenant,
            line,
            address,
            profile,
        });
    }

    fn person(&mut self, tenant: TenantId, line: ChannelId, address: &ContactAddress) {
        let ids = [Some(&address.key), address.alias.as_ref()];
        for id in ids.into_iter().flatten() {
            self.people.insert((tenant.0, line.0, without_nul(id)));
        }
    }
}
