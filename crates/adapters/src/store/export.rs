//! Everything of a tenant, page by page, as JSON documents. Secrets and hashes are not in it.

use super::entity::{
    audit, channels, contacts, conversations, deliveries, files, handoffs, members, messages, rules,
};
use super::{StoreError, TenantStore};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the export is made of, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The company and its settings.
    Tenant,
    /// Its members.
    Members,
    /// Its lines, also those that were disconnected.
    Channels,
    /// Its rules.
    Rules,
    /// Who wrote in.
    Contacts,
    /// Their threads.
    Conversations,
    /// What was said.
    Messages,
    /// How it arrived.
    Deliveries,
    /// Episodes of human control.
    Handoffs,
    /// Files of messages.
    Files,
    /// Who changed what.
    Audit,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Tenant,
        Self::Members,
        Self::Channels,
        Self::Rules,
        Self::Contacts,
        Self::Conversations,
        Self::Messages,
        Self::Deliveries,
        Self::Handoffs,
        Self::Files,
        Self::Audit,
    ];

    /// The word in `type` of each of its documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Members => "member",
            Self::Channels => "channel",
            Self::Rules => "rule",
            Self::Contacts => "contact",
            Self::Conversations => "conversation",
            Self::Messages => "message",
            Self::Deliveries => "delivery",
            Self::Handoffs => "handoff",
            Self::Files => "file",
            Self::Audit => "audit",
        }
    }
}

/// The rows of one page, and where the next one begins; nothing when there is none.
pub type Page = (Vec<Value>, Option<Uuid>);

fn when(at: i64) -> String {
    Timestamp(at).to_rfc3339()
}

fn maybe(at: Option<i64>) -> Option<String> {
    at.map(when)
}

/// A stored document as JSON and not as a text with JSON in it.
fn inner(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

macro_rules! rows {
    ($self:ident, $entity:ident, $after:ident, $limit:ident, |$r:ident| $json:expr) => {{
        let mut found = $entity::Entity::find()
            .filter($entity::Column::TenantId.eq($self.id.0))
            .order_by_asc($entity::Column::Id)
            .limit($limit);
        if let Some(after) = $after {
            found = found.filter($entity::Column::Id.gt(after));
        }
        let rows = found.all(&$self.store.read).await?;
        let last = rows.last().map(|row| row.id);
        let full = rows.len() as u64 == $limit;
        let told = rows.into_iter().map(|$r| $json).collect();
        Ok((told, last.filter(|_| full)))
    }};
}

impl TenantStore {
    /// At most `limit` rows of a part, from behind `after`.
    ///
    /// # Errors
    /// `Unavailable`; `NotFound` when the tenant is gone.
    pub async fn export(
        &self,
        part: Part,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Page, StoreError> {
        match part {
            Part::Tenant => {
                let tenant = self.tenant().await?;
                let told = json!({"id": tenant.id, "slug": tenant.slug, "name": tenant.name,
                    "settings": tenant.settings});
                Ok((vec![told], None))
            }
            Part::Members => rows!(self, members, after, limit, |r| json!({"id": r.id,
                "email": r.email, "name": r.name, "role": r.role, "created_at": when(r.created_at)})),
            Part::Channels => rows!(self, channels, after, limit, |r| json!({"id": r.id,
                "kind": r.kind, "name": r.name, "external_id": r.external_id,
                "settings": inner(&r.settings), "created_at": when(r.created_at),
                "removed_at": maybe(r.removed_at)})),
            Part::Rules => rows!(self, rules, after, limit, |r| json!({"id": r.id,
                "position": r.position, "matched": r.matched, "rule": inner(&r.rule)})),
            Part::Contacts => rows!(self, contacts, after, limit, |r| json!({"id": r.id,
                "channel": r.channel_id, "key": r.key, "thread": r.thread, "alias": r.alias,
                "profile": inner(&r.profile), "created_at": when(r.created_at)})),
            Part::Conversations => rows!(self, conversations, after, limit, |r| json!({"id": r.id,
                "channel": r.channel_id, "contact": r.contact_id, "phase": r.phase,
                "last_message_at": when(r.last_message_at), "created_at": when(r.created_at)})),
            Part::Messages => rows!(self, messages, after, limit, |r| json!({"id": r.id,
                "conversation": r.conversation_id, "seq": r.seq, "author": r.author,
                "author_name": r.author_name, "content": inner(&r.content),
                "external_id": r.external_id, "status": r.status, "handoff": r.handoff_id,
                "sent_at": when(r.sent_at), "received_at": when(r.received_at)})),
            Part::Deliveries => self.export_deliveries(after, limit).await,
            Part::Handoffs => rows!(self, handoffs, after, limit, |r| json!({"id": r.id,
                "conversation": r.conversation_id, "channel": r.channel_id, "contact": r.contact_id,
                "reason": r.reason, "rule": r.rule_id, "options": inner(&r.options),
                "requested_at": when(r.requested_at), "opened_at": maybe(r.opened_at),
                "desk_conversation": r.desk_conversation, "accepted_at": maybe(r.accepted_at),
                "agent": r.agent_name, "first_human_at": maybe(r.first_human_at),
                "ended_at": maybe(r.ended_at), "end_reason": r.end_reason, "rating": r.rating})),
            Part::Files => rows!(self, files, after, limit, |r| json!({"id": r.id,
                "message": r.message_id, "name": r.name, "mime": r.mime, "size": r.size,
                "sha256": r.sha256, "created_at": when(r.created_at)})),
            Part::Audit => rows!(self, audit, after, limit, |r| json!({"id": r.id,
                "at": when(r.at), "actor": r.actor, "actor_id": r.actor_id,
                "actor_name": r.actor_name, "action": r.action, "object": r.object,
                "object_id": r.object_id, "object_name": r.object_name,
                "was": r.was.as_deref().map(inner), "became": r.became.as_deref().map(inner),
                "address": r.address})),
        }
    }

    /// A message has at most a few parts, so that a page ends with a whole message.
    async fn export_deliveries(&self, after: Option<Uuid>, limit: u64) -> Result<Page, StoreError> {
        use deliveries::Column;
        let mut found = deliveries::Entity::find()
            .filter(Column::TenantId.eq(self.id.0))
            .order_by_asc(Column::MessageId)
            .order_by_asc(Column::Part)
            .limit(limit);
        if let Some(after) = after {
            found = found.filter(Column::MessageId.gt(after));
        }
        let mut rows = found.all(&self.store.read).await?;
        let full = rows.len() as u64 == limit;
        let last = rows.last().map(|row| row.message_id);
        // The rest of a message that the page cuts through comes with the page.
        if let Some((message, part)) = rows.last().filter(|_| full).map(|r| (r.message_id, r.part))
        {
            let rest = deliveries::Entity::find()
                .filter(Column::TenantId.eq(self.id.0))
                .filter(Column::MessageId.eq(message))
                .filter(Column::Part.gt(part))
                .order_by_asc(Column::Part)
                .all(&self.store.read)
                .await?;
            rows.extend(rest);
        }
        let told = rows
            .into_iter()
            .map(|r| {
                json!({"message": r.message_id, "part": r.part, "identity": r.identity,
                    "external_id": r.external_id, "status": r.status, "at": when(r.at)})
            })
            .collect();
        Ok((told, last.filter(|_| full)))
    }
}
