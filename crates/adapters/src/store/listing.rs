//! The list of conversations: one statement a page, whatever is filtered, read along an index in
//! the order in which it is shown.

use super::rows::{author_from, contact_from, conversation_from};
use super::{Conversations, StoreError, sql};
use crate::store::entity::{contacts, conversations};
use domain::channel::ChannelKind;
use domain::contact::Contact;
use domain::conversation::Conversation;
use domain::ids::{ChannelId, ConversationId, RuleId};
use domain::message::Author;
use domain::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

/// Which conversations to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Only in this phase: `bot`, `requested`, `waiting`, `active`; or `human` for the last three.
    pub phase: Option<String>,
    /// Only on this channel.
    pub channel: Option<ChannelId>,
    /// Only with a failed message.
    pub failed_only: bool,
    /// Only with a handoff that this rule asked for.
    pub rule: Option<RuleId>,
    /// Only with a handoff that this agent took (Let's Talk's person id).
    pub agent: Option<i64>,
    /// Only of contacts with this tag.
    pub tag: Option<String>,
    /// Only with a last message at or after this instant.
    pub from: Option<Timestamp>,
    /// Only with a last message before this instant.
    pub until: Option<Timestamp>,
}

/// So many of the newest conversations are asked for their handoffs before all with such a handoff are
/// gathered: a rule or an agent of every fortieth fills a page from them. PostgreSQL, left to itself,
/// gathers always, and a rule of long ago has tens of thousands.
const LOOKED_THROUGH: u64 = 2_000;

/// Where a list goes on: strictly older, or newer, than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last row's time.
    pub at: Timestamp,
    /// The last row's id.
    pub id: ConversationId,
}

/// A conversation with what a list shows beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationRow {
    /// The conversation.
    pub conversation: Conversation,
    /// Who writes in.
    pub contact: Contact,
    /// The platform.
    pub channel_kind: ChannelKind,
    /// What the members call the line.
    pub channel_name: String,
    /// The beginning of what was last said.
    pub last_words: String,
    /// Who said it.
    pub last_author: Option<Author>,
    /// How many messages failed and were not retried.
    pub failed: i64,
    /// How many notes members wrote.
    pub notes: i64,
}

/// What a conversation is read with. The tables are `v`, `c`, `ch`.
pub(super) const COLUMNS: &str =
    "v.id, v.tenant_id, v.channel_id, v.contact_id, v.phase, v.state, v.progress,
    v.last_seq, v.last_message_at, v.last_inbound_at, v.last_words, v.last_author, v.failed,
    v.notes, v.created_at, c.key, c.thread, c.alias, c.profile, c.unreachable_since,
    ch.kind as channel_kind, ch.name as channel_name";

/// Joins contact and channel to a conversation `v`.
pub(super) const JOINS: &str =
    "join contacts c on c.tenant_id = v.tenant_id and c.id = v.contact_id
    join channels ch on ch.tenant_id = v.tenant_id and ch.id = v.channel_id";

/// [`COLUMNS`] as read.
#[derive(FromQueryResult)]
pub(super) struct Row {
    id: Uuid,
    tenant_id: Uuid,
    channel_id: Uuid,
    contact_id: Uuid,
    phase: String,
    state: String,
    progress: String,
    last_seq: i64,
    last_message_at: i64,
    last_inbound_at: Option<i64>,
    last_words: String,
    last_author: String,
    failed: i64,
    notes: i64,
    created_at: i64,
    key: String,
    thread: String,
    alias: Option<String>,
    profile: String,
    unreachable_since: Option<i64>,
    channel_kind: String,
    channel_name: String,
}

impl Row {
    pub(super) fn read(self) -> Result<ConversationRow, StoreError> {
        let contact = contacts::Model {
            tenant_id: self.tenant_id,
            id: self.contact_id,
            channel_id: self.channel_id,
            key: self.key,
            thread: self.thread,
            alias: self.alias,
            profile: self.profile,
            unreachable_since: self.unreachable_since,
            // Not read: lists have no business with the desk's client.
            desk_client_id: None,
            desk_token: None,
            created_at: 0,
        };
        let conversation = conversations::Model {
            tenant_id: self.tenant_id,
            id: self.id,
            channel_id: self.channel_id,
            contact_id: self.contact_id,
            phase: self.phase,
            state: self.state,
            progress: self.progress,
            last_seq: self.last_seq,
            last_message_at: self.last_message_at,
            last_inbound_at: self.last_inbound_at,
            last_words: String::new(),
            last_author: String::new(),
            failed: self.failed,
            created_at: self.created_at,
        };
        Ok(ConversationRow {
            contact: contact_from(contact, self.last_inbound_at)?,
            channel_kind: ChannelKind::from_name(&self.channel_kind)
                .ok_or_else(|| StoreError::corrupt("channels.kind", &self.channel_kind))?,
            channel_name: self.channel_name,
            last_words: self.last_words,
            last_author: author_from(&self.last_author).ok(),
            failed: self.failed,
            notes: self.notes,
            conversation: conversation_from(conversation)?,
        })
    }
}

/// How a conversation's handoffs are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// All conversations with such a handoff are gathered once: whoever has few, long ago, would have
    /// all conversations asked.
    Once,
    /// Each conversation is asked: where few are looked at, or most have one.
    Each,
}

/// Conditions with their values, numbered as they come.
pub(super) struct Where {
    text: String,
    values: Vec<Value>,
}

impl Where {
    /// Begins with the tenant: there is no query without one.
    pub(super) fn tenant(column: &str, tenant: Uuid) -> Self {
        Self {
            text: format!("where {column} = $1"),
            values: vec![tenant.into()],
        }
    }

    /// Adds a condition; each `?` in it stands for the next of `values`.
    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let mut text = condition.to_owned();
        for value in values {
            self.values.push(value);
            text = text.replacen('?', &format!("${}", self.values.len()), 1);
        }
        self.text.push_str(" and ");
        self.text.push_str(&text);
    }

    /// The next value's place, for what is no condition.
    pub(super) fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// What the filter asks of a conversation `v`.
    pub(super) fn filter(&mut self, filter: &ConversationFilter, ask: Ask) {
        match filter.phase.as_deref() {
            Some("human") => self.and("v.phase <> 'bot'", []),
            Some(phase) => self.and("v.phase = ?", [phase.into()]),
            None => {}
        }
        // The partial index of open conversations is only used by whoever names its condition.
        if matches!(filter.phase.as_deref(), Some(phase) if phase != "bot" && phase != "human") {
            self.and("v.phase <> 'bot'", []);
        }
        if let Some(channel) = filter.channel {
            self.and("v.channel_id = ?", [channel.0.into()]);
        }
        if filter.failed_only {
            self.and("v.failed > 0", []);
        }
        let handoff = |which: &str| match ask {
            Ask::Once => format!(
                "v.id in (select h.conversation_id from handoffs h
                where h.tenant_id = $1 and h.{which} = ?)"
            ),
            // As a value: «exists» is turned into a join that gathers them.
            Ask::Each => format!(
                "coalesce((select true from handoffs h where h.tenant_id = $1
                and h.{which} = ? and h.conversation_id = v.id limit 1), false)"
            ),
        };
        if let Some(rule) = filter.rule {
            self.and(&handoff("rule_id"), [rule.0.into()]);
        }
        if let Some(agent) = filter.agent {
            self.and(&handoff("agent_id"), [agent.into()]);
        }
        if let Some(tag) = &filter.tag {
            let tagged = "exists (select 1 from contact_tags g where g.tenant_id = $1
                and g.contact_id = v.contact_id and g.tag = ?)";
            self.and(tagged, [tag.clone().into()]);
        }
        if let Some(from) = filter.from {
            self.and("v.last_message_at >= ?", [from.0.into()]);
        }
        if let Some(until) = filter.until {
            self.and("v.last_message_at < ?", [until.0.into()]);
        }
    }

    pub(super) fn end(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }
}

impl Conversations {
    /// A page of the list, newest first: what is strictly older than `before`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(
        &self,
        filter: &ConversationFilter,
        before: Option<Cursor>,
        limit: u64,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        self.page(filter, before.map(|c| ("<", c)), "desc", limit)
            .await
    }

    /// A page of the list, newest first: the `limit` conversations just newer than `after`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn newer(
        &self,
        filter: &ConversationFilter,
        after: Cursor,
        limit: u64,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let mut rows = self.page(filter, Some((">", after)), "asc", limit).await?;
        rows.reverse();
        Ok(rows)
    }

    /// Those of these conversations that the filter lets through, newest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn these(
        &self,
        ids: &[ConversationId],
        filter: &ConversationFilter,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut what = Where::tenant("v.tenant_id", self.tenant.id.0);
        let places: Vec<&str> = ids.iter().map(|_| "?").collect();
        let values = ids.iter().map(|id| id.0.into());
        what.and(&format!("v.id in ({})", places.join(", ")), values);
        what.filter(filter, Ask::Each);
        let (conditions, values) = what.end();
        let text = format!(
            "select {COLUMNS} from conversations v {JOINS} {conditions}
             order by v.last_message_at desc, v.id desc"
        );
        self.rows(&text, values).await
    }

    async fn page(
        &self,
        filter: &ConversationFilter,
        beyond: Option<(&str, Cursor)>,
        order: &str,
        limit: u64,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let asked = |ask: Ask| {
            let mut what = Where::tenant("v.tenant_id", self.tenant.id.0);
            what.filter(filter, ask);
            let mut beyond_it = String::new();
            if let Some((sign, cursor)) = beyond {
                let (at, id) = (
                    what.place(cursor.at.0.into()),
                    what.place(cursor.id.0.into()),
                );
                beyond_it = format!(" and (v.last_message_at, v.id) {sign} ({at}, {id})");
            }
            let limit = what.place(i64::try_from(limit).unwrap_or(i64::MAX).into());
            (what.end(), beyond_it, limit)
        };
        let ((conditions, values), beyond_it, limit) = asked(Ask::Once);
        let by = format!("order by v.last_message_at {order}, v.id {order}");
        let of_handoffs = filter.rule.is_some() || filter.agent.is_some();
        let text = if of_handoffs && self.tenant.store.is_postgres() {
            let ((of_each, _), ..) = asked(Ask::Each);
            format!(
                "with recent as materialized (
                    select v.id from (select v.* from conversations v
                        where v.tenant_id = $1{beyond_it} {by} limit {LOOKED_THROUGH}) v
                    {of_each} {by} limit {limit}
                ), rest as materialized (
                    select v.id, v.last_message_at from conversations v {conditions}{beyond_it}
                        and (select count(*) from recent) < {limit}
                ), found as (
                    select id from recent where (select count(*) from recent) >= {limit}
                    union all
                    select id from (select v.id from rest v {by} limit {limit}) oldest
                )
                select {COLUMNS} from found join conversations v
                    on v.tenant_id = $1 and v.id = found.id {JOINS} {by}"
            )
        } else {
            format!(
                "select {COLUMNS} from conversations v {JOINS} {conditions}{beyond_it}
                 {by} limit {limit}"
            )
        };
        self.rows(&text, values).await
    }

    pub(super) async fn rows(
        &self,
        text: &str,
        values: Vec<Value>,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let db = &self.tenant.store.read;
        let rows = Row::find_by_statement(sql(db, text, values))
            .all(db)
            .await?;
        rows.into_iter().map(Row::read).collect()
    }
}
