//! A conversation in hand: loaded and locked once, changed in memory, saved once.

use super::config::TenantConfig;
use super::newcomers::Newcomer;
use super::unit::{Hold, Unit};
use super::write::{Table, Write};
use crate::store::{StoreError, many};
use domain::channel::ChannelKind;
use domain::contact::{Contact, ContactAddress, ContactProfile};
use domain::conversation::{Control, Conversation};
use domain::ids::{ChannelId, ContactId, ConversationId, HandoffId, MessageId, TenantId};
use domain::message::{Author, Content, DeliveryStatus};
use domain::metrics::starts_conversation;
use domain::search::searchable;
use domain::time::Timestamp;
use domain::variables::Values;
use sea_orm::{FromQueryResult, Value};
use std::sync::Arc;
use uuid::Uuid;

/// A conversation in hand.
#[derive(Clone)]
pub(crate) struct Thread {
    pub(crate) conversation: Conversation,
    pub(crate) contact: Contact,
    pub(crate) kind: ChannelKind,
    pub(crate) config: Arc<TenantConfig>,
    last_words: String,
    last_author: &'static str,
    pub(crate) failed: i64,
    /// When the conversation that goes on now began; the figures count conversations by it.
    pub(crate) started_at: Option<Timestamp>,
    dirty: bool,
    contact_dirty: bool,
    /// As which versions of their rows conversation and contact were read; known where they are not
    /// locked.
    seen: Option<(i64, i64)>,
}

/// What is appended to a conversation.
pub(crate) struct NewMessage {
    pub(crate) author: Author,
    pub(crate) author_name: Option<String>,
    pub(crate) content: Content,
    /// Unique on the channel; `None` for what we make ourselves.
    pub(crate) dedupe_key: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) reply_to: Option<String>,
    pub(crate) status: DeliveryStatus,
    pub(crate) handoff: Option<HandoffId>,
    pub(crate) sent_at: Timestamp,
    /// How it came to us, beside the channel: PubNub's channel and timetoken.
    pub(crate) origin: Option<String>,
}

impl NewMessage {
    /// Words of ours.
    pub(crate) fn of(author: Author, content: Content, now: Timestamp) -> Self {
        Self {
            author,
            author_name: None,
            content,
            dedupe_key: None,
            external_id: None,
            reply_to: None,
            status: DeliveryStatus::Accepted,
            handoff: None,
            sent_at: now,
            origin: None,
        }
    }
}

/// A conversation with its contact, as they are read.
#[derive(FromQueryResult)]
pub(super) struct Row {
    pub(super) tenant_id: Uuid,
    pub(super) id: Uuid,
    pub(super) channel_id: Uuid,
    contact_id: Uuid,
    state: String,
    progress: String,
    last_seq: i64,
    last_message_at: i64,
    last_inbound_at: Option<i64>,
    last_words: String,
    last_author: String,
    failed: i64,
    started_at: Option<i64>,
    key: String,
    thread: String,
    alias: Option<String>,
    profile: String,
    unreachable_since: Option<i64>,
    kind: String,
    version: i64,
}

/// What is read into a [`Row`].
pub(super) const COLUMNS: &str =
    "v.tenant_id, v.id, v.channel_id, v.contact_id, v.state, v.progress, v.last_seq,
        v.last_message_at, v.last_inbound_at, v.last_words, v.last_author, v.failed,
        v.started_at, c.key, c.thread, c.alias, c.profile, c.unreachable_since, ch.kind, t.version";

/// Where conversations are, with all that is read of them.
pub(super) const CONVERSATIONS: &str = "conversations v
        join contacts c on c.tenant_id = v.tenant_id and c.id = v.contact_id
        join channels ch on ch.tenant_id = v.tenant_id and ch.id = v.channel_id
        join tenants t on t.id = v.tenant_id";

/// The most conversations that one statement reads or writes.
const AT_ONCE: usize = 128;

impl Unit<'_> {
    /// The conversation with this id, locked until the end of the transaction.
    pub(crate) async fn thread(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Thread>, StoreError> {
        match self.after.shelf.get(tenant, id) {
            Some(thread) => Ok(Some(thread)),
            None => self.select(tenant, "v.id = $2", [id.0.into()]).await,
        }
    }

    /// Reads conversations that are locked, and lays them ready.
    pub(super) async fn lay_threads(&self, ids: &[(Uuid, Uuid)]) -> Result<(), StoreError> {
        for ids in ids.chunks(AT_ONCE) {
            let keys = ids
                .iter()
                .map(|(tenant, id)| vec![(*tenant).into(), (*id).into()]);
            let keys: Vec<Vec<Value>> = keys.collect();
            let select = format!("select {COLUMNS} from {CONVERSATIONS} where ");
            let (text, values) = many::looked_up(&select, "v.tenant_id, v.id", &keys);
            let rows: Vec<Row> = self.all(&text, values).await?;
            for row in rows {
                match self.dress(row).await {
                    Ok(thread) => self.after.shelf.put(thread, false),
                    // Whoever looks at it meets it; the others need not.
                    Err(StoreError::Corrupt { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// The conversation of a contact, if there is one.
    pub(crate) async fn thread_of(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        address: &ContactAddress,
    ) -> Result<Option<Thread>, StoreError> {
        let topic = address.thread.clone().unwrap_or_default();
        let called = (channel, address.key.as_str(), topic.as_str());
        if let Some(thread) = self.after.shelf.of_contact(tenant, called) {
            return Ok(Some(thread));
        }
        let by_key = "c.channel_id = $2 and c.key = $3 and c.thread = $4";
        let values = [
            channel.0.into(),
            address.key.clone().into(),
            topic.clone().into(),
        ];
        if let Some(thread) = self.select(tenant, by_key, values).await? {
            return Ok(Some(thread));
        }
        // The person may be known by their other id: as the key before the platform told the
        // stable one, or as the alias of it.
        let other = address.alias.clone().unwrap_or_else(|| address.key.clone());
        let known = crate::store::called(&["$3"], &["$3", "$5"]);
        let by_other = format!("{known} and c.thread = $4");
        let values = [
            channel.0.into(),
            other.into(),
            topic.into(),
            address.key.clone().into(),
        ];
        self.select(tenant, &by_other, values).await
    }

    /// The conversation of a contact, made if there is none: with what is told about them.
    pub(crate) async fn thread_with(
        &self,
        (tenant, line): (TenantId, ChannelId),
        address: &ContactAddress,
        profile: Option<&ContactProfile>,
    ) -> Result<Thread, StoreError> {
        if let Some(mut thread) = self.thread_of(tenant, line, address).await? {
            if thread.recognize(address) {
                // At once: the next event of the same webhook may call them by the new id.
                self.save_contact(&mut thread).await?;
            }
            return Ok(thread);
        }
        let newcomer = Newcomer {
            tenant,
            line,
            address,
            profile,
        };
        self.make(&[newcomer]).await?;
        self.thread_of(tenant, line, address)
            .await?
            .ok_or(StoreError::Stale)
    }

    async fn select(
        &self,
        tenant: TenantId,
        which: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<Thread>, StoreError> {
        let lock = if self.store.is_postgres() {
            // The contact too, or a wait for the lock would end with the contact as it was before.
            " for update of v, c"
        } else {
            ""
        };
        let text = format!(
            "select {COLUMNS} from {CONVERSATIONS} where v.tenant_id = $1 and {which}{lock}"
        );
        let values = std::iter::once(tenant.0.into()).chain(values).collect();
        let row: Option<Row> = self.look(&text, values).await?;
        let Some(row) = row else { return Ok(None) };
        // The one that was put down is newer than what is written.
        match self.after.shelf.get(tenant, ConversationId(row.id)) {
            Some(thread) => Ok(Some(thread)),
            None => self.dress(row).await.map(Some),
        }
    }

    /// The conversations that were changed. Those that are not locked are written only as far as they, and
    /// their contacts, are as they were read.
    pub(super) fn writes_of_threads(&self) -> Result<Vec<Write>, StoreError> {
        let changed = self.after.shelf.take_changed();
        let (names, unchanged) = match self.hold {
            Hold::Locks(_) => ("", ""),
            Hold::Nothing => (
                ", seen, contact_seen",
                "and conversations.xmin::text::bigint = saved.seen and exists (select 1 from contacts c
                    where c.tenant_id = saved.tenant and c.id = conversations.contact_id
                      and c.xmin::text::bigint = saved.contact_seen)",
            ),
        };
        let rows = changed.iter().map(|thread| {
            let mut row = thread.columns()?;
            if let Hold::Nothing = self.hold {
                let (seen, contact_seen) = thread.seen.ok_or(StoreError::Stale)?;
                row.extend([seen.into(), contact_seen.into()]);
            }
            Ok(row)
        });
        let rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        let writes = rows.chunks(self.rows()).map(|rows| {
            let (listed, values) = many::set(self.store.is_postgres(), Vec::new(), rows);
            // An update takes its rows as the plan finds them: several are locked before, in the one
            // order of all who lock them.
            let (held, from, and_held) = match self.hold {
                Hold::Nothing if rows.len() > 1 => (
                    ", held as (select v.tenant_id, v.id from saved
                        join conversations v on v.tenant_id = saved.tenant and v.id = saved.conversation
                        order by v.tenant_id, v.id for update of v)",
                    ", held",
                    "and held.tenant_id = saved.tenant and held.id = saved.conversation",
                ),
                _ => ("", "", ""),
            };
            let text = format!(
                "with saved(tenant, conversation, phase, state, progress, last_seq, last_message_at,
                    last_inbound_at, last_words, last_author, failed, started_at{names}) as ({listed}){held}
                update conversations set phase = saved.phase, state = saved.state,
                    progress = saved.progress, last_seq = saved.last_seq,
                    last_message_at = saved.last_message_at, last_inbound_at = saved.last_inbound_at,
                    last_words = saved.last_words, last_author = saved.last_author,
                    failed = saved.failed, started_at = saved.started_at
                from saved{from} where conversations.tenant_id = saved.tenant
                  and conversations.id = saved.conversation {and_held} {unchanged}"
            );
            (text, values)
        });
        Ok(writes.collect())
    }

    /// A conversation in hand, of what was read.
    pub(super) async fn dress(&self, row: Row) -> Result<Thread, StoreError> {
        let tenant = TenantId(row.tenant_id);
        let config = match self.configs.kept(tenant, row.version) {
            Some(config) => config,
            None => self.configs.get(self.tx()?, tenant, row.version).await?,
        };
        let kind = ChannelKind::from_name(&row.kind)
            .ok_or_else(|| StoreError::corrupt("channels.kind", &row.kind))?;
        let corrupt = StoreError::corrupt;
        let conversation = Conversation {
            id: ConversationId(row.id),
            tenant,
            channel: ChannelId(row.channel_id),
            contact: ContactId(row.contact_id),
            state: serde_json::from_str(&row.state)
                .map_err(|e| corrupt("conversations.state", e))?,
            progress: serde_json::from_str(&row.progress)
                .map_err(|e| corrupt("conversations.progress", e))?,
            last_seq: row.last_seq,
            last_message_at: Timestamp(row.last_message_at),
        };
        let contact = Contact {
            id: ContactId(row.contact_id),
            tenant,
            channel: ChannelId(row.channel_id),
            address: ContactAddress {
                key: row.key,
                alias: row.alias,
                thread: Some(row.thread).filter(|t| !t.is_empty()),
            },
            profile: serde_json::from_str(&row.profile)
                .map_err(|e| corrupt("contacts.profile", e))?,
            last_inbound_at: row.last_inbound_at.map(Timestamp),
            unreachable_since: row.unreachable_since.map(Timestamp),
        };
        let last_author = match row.last_author.as_str() {
            "contact" => "contact",
            "bot" => "bot",
            "agent" => "agent",
            "system" => "system",
            _ => "",
        };
        Ok(Thread {
            conversation,
            contact,
            kind,
            config,
            last_words: row.last_words,
            last_author,
            failed: row.failed,
            started_at: row.started_at.map(Timestamp),
            dirty: false,
            contact_dirty: false,
            seen: None,
        })
    }

    /// Appends a message; `None` if it was there already.
    pub(crate) async fn append(
        &mut self,
        thread: &mut Thread,
        new: NewMessage,
    ) -> Result<Option<MessageId>, StoreError> {
        let id = MessageId(self.store.ids().next());
        let conversation = &thread.conversation;
        let seq = conversation.last_seq + 1;
        let content = serde_json::to_string(&new.content)
            .map_err(|e| StoreError::corrupt("messages.content", e))?;
        let author = crate::store::author_name(new.author);
        let words = new.content.words().map(searchable).unwrap_or_default();
        let is_new = match &new.dedupe_key {
            Some(key) => self.after.shelf.is_new(conversation.channel, key),
            None => true,
        };
        let row = vec![
            conversation.tenant.0.into(),
            id.0.into(),
            conversation.channel.0.into(),
            conversation.id.0.into(),
            seq.into(),
            author.into(),
            new.author_name.into(),
            content.into(),
            new.dedupe_key.into(),
            new.external_id.into(),
            new.reply_to.into(),
            new.status.name().into(),
            new.handoff.map(|h| h.0).into(),
            new.sent_at.0.into(),
            self.now.0.into(),
            words.into(),
            new.origin.into(),
        ];
        if is_new {
            self.later(Table::Messages, row);
        } else if !self.write_unless_there(row).await? {
            return Ok(None);
        }
        if new.author == Author::Contact
            && thread.conversation.state.control() == Control::Bot
            && starts_conversation(thread.started_at, thread.contact.last_inbound_at, self.now)
        {
            self.conversation_started(thread);
        }
        let whose = (thread.conversation.tenant, thread.conversation.id);
        self.tell_stored(whose, id, (thread.kind, new.author));
        thread.conversation.last_seq = seq;
        thread.conversation.last_message_at = self.now;
        thread.last_author = author;
        thread.last_words = glimpse(&new.content);
        thread.dirty = true;
        Ok(Some(id))
    }

    /// The contact moved to another address, unless somebody is known there already.
    pub(crate) async fn relocate(
        &mut self,
        thread: &mut Thread,
        to: &ContactAddress,
    ) -> Result<(), StoreError> {
        let (tenant, channel) = (thread.conversation.tenant, thread.conversation.channel);
        let there = self.thread_of(tenant, channel, to).await?;
        if there.is_none_or(|t| t.contact.id == thread.contact.id) {
            thread.contact.address = to.clone();
            thread.contact_dirty = true;
            // At once: the next event of the same webhook may come from there.
            self.save_contact(thread).await?;
        }
        Ok(())
    }

    async fn save_contact(&self, thread: &mut Thread) -> Result<(), StoreError> {
        self.write_contact(thread).await?;
        thread.contact_dirty = false;
        thread.dirty = true;
        Ok(())
    }

    async fn write_contact(&self, thread: &Thread) -> Result<(), StoreError> {
        let contact = &thread.contact;
        let profile = serde_json::to_string(&contact.profile)
            .map_err(|e| StoreError::corrupt("contacts.profile", e))?;
        let text = "update contacts set key = $3, alias = $4, profile = $5, unreachable_since = $6, thread = $7
            where tenant_id = $1 and id = $2";
        let values = [
            contact.tenant.0.into(),
            contact.id.0.into(),
            contact.address.key.clone().into(),
            contact.address.alias.clone().into(),
            profile.into(),
            contact.unreachable_since.map(|t| t.0).into(),
            contact.address.thread.clone().unwrap_or_default().into(),
        ];
        self.run(text, values).await?;
        self.after.shelf.recall(contact, thread.conversation.id);
        Ok(())
    }

    /// Puts the conversation down, to be written with others; what changed of its contact is written
    /// now.
    pub(crate) async fn save(&mut self, mut thread: Thread) -> Result<(), StoreError> {
        if thread.contact_dirty {
            self.write_contact(&thread).await?;
        }
        // With its contact, too: whoever read both without a lock looks at the conversation's row.
        let changed = thread.dirty || thread.contact_dirty;
        if changed {
            let conversation = &thread.conversation;
            self.after
                .changed
                .insert((conversation.tenant, conversation.id));
        }
        (thread.dirty, thread.contact_dirty) = (false, false);
        self.after.shelf.put(thread, changed);
        Ok(())
    }
}

impl Thread {
    /// What is written of a conversation, in the order of [`Unit::writes_of_threads`].
    fn columns(&self) -> Result<Vec<Value>, StoreError> {
        let conversation = &self.conversation;
        let state = serde_json::to_string(&conversation.state)
            .map_err(|e| StoreError::corrupt("conversations.state", e))?;
        let progress = serde_json::to_string(&conversation.progress)
            .map_err(|e| StoreError::corrupt("conversations.progress", e))?;
        Ok(vec![
            conversation.tenant.0.into(),
            conversation.id.0.into(),
            conversation.state.phase_name().into(),
            state.into(),
            progress.into(),
            conversation.last_seq.into(),
            conversation.last_message_at.0.into(),
            self.contact.last_inbound_at.map(|t| t.0).into(),
            self.last_words.clone().into(),
            self.last_author.into(),
            self.failed.into(),
            self.started_at.map(|t| t.0).into(),
        ])
    }

    /// It was read without a lock, its row and its contact's in these versions.
    pub(super) fn seen_as(mut self, versions: (i64, i64)) -> Self {
        self.seen = Some(versions);
        self
    }

    /// Something about the conversation changed.
    pub(crate) fn touch(&mut self) {
        self.dirty = true;
    }

    /// The contact spoke at this instant of the platform's clock.
    pub(crate) fn heard(&mut self, at: Timestamp) {
        if self.contact.last_inbound_at.is_none_or(|known| at > known) {
            self.contact.last_inbound_at = Some(at);
            self.dirty = true;
        }
        if self.contact.unreachable_since.take().is_some() {
            self.contact_dirty = true;
        }
    }

    /// The contact left, or came back.
    pub(crate) fn set_unreachable(&mut self, since: Option<Timestamp>) {
        if self.contact.unreachable_since.is_some() != since.is_some() {
            self.contact.unreachable_since = since;
            self.contact_dirty = true;
        }
    }

    /// What the variables in the tenant's texts stand for here.
    pub(crate) fn values(&self) -> Values<'_> {
        Values {
            name: self.contact.profile.name.as_deref(),
            company: Some(&self.config.name),
            channel: Some(self.kind.title()),
            agent: None,
        }
    }

    /// Takes over what is newly known about the contact.
    pub(crate) fn learn(&mut self, told: &ContactProfile) {
        let merged = self.contact.profile.merged(told);
        if merged != self.contact.profile {
            self.contact.profile = merged;
            self.contact_dirty = true;
        }
    }

    /// A member puts a tag on the contact or takes it off.
    pub(crate) fn tag(&mut self, tag: &str, on: bool) {
        let tags = &mut self.contact.profile.tags;
        let before = tags.len();
        tags.retain(|t| t != tag);
        let had = tags.len() < before;
        if on {
            tags.push(tag.to_owned());
        }
        self.contact_dirty |= had != on;
    }

    /// The platform calls the same person by a more stable id now, or tells their other one.
    /// Whether that was new.
    fn recognize(&mut self, told: &ContactAddress) -> bool {
        let known = &mut self.contact.address;
        // Two spellings of a number do not replace the stable id that the number belongs to.
        let number = known.alias.as_ref() == Some(&told.key);
        if told.alias.is_none() || number || (known.key == told.key && known.alias == told.alias) {
            return false;
        }
        known.key.clone_from(&told.key);
        known.alias.clone_from(&told.alias);
        true
    }
}

/// The beginning of what was said, for lists.
fn glimpse(content: &Content) -> String {
    match content.words() {
        // PostgreSQL takes no NUL in a text.
        Some(words) => words.chars().filter(|c| *c != '\0').take(120).collect(),
        None => format!("[{}]", content.kind()),
    }
}
