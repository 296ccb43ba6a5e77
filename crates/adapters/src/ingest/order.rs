//! Locks before work: a transaction that touches several conversations locks them first, in the
//! order of their ids. Several processes share commits over the same conversations; without one
//! order for all they would wait for each other until the database breaks the knot, a second
//! later.

use super::Submission;
use super::command::Command;
use super::desk::conversation_of;
use super::unit::Unit;
use crate::store::{StoreError, many};
use domain::contact::ContactAddress;
use domain::ids::{ChannelId, TenantId};
use domain::ports::Heard;
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most that one statement names: far below what the protocol can carry.
const AT_ONCE: usize = 500;

/// What submissions are about to touch, by whatever they know it.
#[derive(Default)]
struct Needed {
    conversations: BTreeSet<(Uuid, Uuid)>,
    people: BTreeSet<(Uuid, Uuid, String)>,
    at_desk: BTreeSet<(Uuid, i64)>,
}

#[derive(FromQueryResult)]
struct Found {
    tenant_id: Uuid,
    id: Uuid,
}

impl Unit<'_> {
    /// Locks what the submissions will touch, as far as it exists already. What does not is made
    /// later under its unique keys.
    pub(crate) async fn lock_in_order(
        &self,
        submissions: impl Iterator<Item = &Submission>,
    ) -> Result<(), StoreError> {
        // SQLite has one writer at a time.
        if !self.store.is_postgres() {
            return Ok(());
        }
        let mut needed = Needed::default();
        for submission in submissions {
            needed.note(submission);
        }
        // What is known by its conversation counts on the lock; a single one of the others takes it
        // when it comes to it.
        if needed.conversations.is_empty() && needed.people.len() + needed.at_desk.len() < 2 {
            return Ok(());
        }
        let people = needed.people.into_iter().map(|(tenant, line, key)| {
            let key: Value = key.into();
            vec![tenant.into(), line.into(), key]
        });
        let of_people = "select v.tenant_id, v.id from contacts c join conversations v
            on v.tenant_id = c.tenant_id and v.contact_id = c.id where ";
        let people: Vec<Vec<Value>> = people.collect();
        let mut locks = needed.conversations;
        for names in [
            "c.tenant_id, c.channel_id, c.key",
            "c.tenant_id, c.channel_id, c.alias",
        ] {
            locks.extend(self.found(of_people, names, &people, "").await?);
        }
        let at_desk: Vec<Vec<Value>> = needed
            .at_desk
            .into_iter()
            .map(|(tenant, id)| vec![tenant.into(), id.into()])
            .collect();
        let of_desk = "select tenant_id, conversation_id as id from handoffs where ";
        locks.extend(
            self.found(of_desk, "tenant_id, desk_conversation", &at_desk, "")
                .await?,
        );
        let locks: Vec<Vec<Value>> = locks
            .into_iter()
            .map(|(tenant, id)| vec![tenant.into(), id.into()])
            .collect();
        let lock = "select tenant_id, id from conversations where ";
        let in_order = " order by tenant_id, id for update";
        self.found(lock, "tenant_id, id", &locks, in_order).await?;
        Ok(())
    }

    async fn found(
        &self,
        select: &str,
        names: &str,
        keys: &[Vec<Value>],
        end: &str,
    ) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let mut all = Vec::new();
        for keys in keys.chunks(AT_ONCE) {
            let (rows, values) = many::set(Vec::new(), keys);
            let text = format!("{select}({names}) in (values {rows}){end}");
            let rows: Vec<Found> = self.all(&text, values).await?;
            all.extend(rows.into_iter().map(|row| (row.tenant_id, row.id)));
        }
        Ok(all)
    }
}

impl Needed {
    fn note(&mut self, submission: &Submission) {
        match submission {
            Submission::Webhook(hook) => {
                for address in hook.events.iter().filter_map(|e| e.contact.as_ref()) {
                    self.person(hook.channel.tenant, hook.channel.id, address);
                }
            }
            Submission::Desk(batch) => {
                for recorded in &batch.events {
                    if let Heard::Event(event) = &recorded.heard
                        && let Some(id) = conversation_of(event)
                    {
                        self.at_desk.insert((batch.tenant.0, id));
                    }
                }
            }
            Submission::BotSays(said) => self.person(said.tenant, said.channel, &said.to),
            Submission::BotSaid(news) => {
                self.conversations
                    .insert((news.tenant.0, news.conversation.0));
            }
            // A failing handoff discards desk rows, and a contact's word reopens channel rows, while
            // they hold the conversation: a result holds it, too, before it marks its row.
            Submission::Tried(tried) => {
                let wakeup = &tried.claim.wakeup;
                self.conversations
                    .insert((wakeup.tenant.0, wakeup.conversation.0));
            }
            Submission::Timer(due) => {
                self.conversations
                    .insert((due.tenant.0, due.conversation.0));
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
            let id = id.replace('\0', "\u{fffd}");
            self.people.insert((tenant.0, line.0, id));
        }
    }
}
