//! Everything of a tenant, page by page, as JSON documents. Secrets, hashes and what opens a door
//! are not in it: neither as columns nor inside of addresses and documents that people filled in.

mod company;
mod talk;

use super::{StoreError, TenantStore};
use domain::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// What the export is made of, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The company, its texts, hours and policy, and what it agreed to.
    Tenant,
    /// Its members.
    Members,
    /// Who was invited to join.
    Invitations,
    /// Its lines, also those that were disconnected.
    Channels,
    /// Its Let's Talk connection.
    Desk,
    /// What its keys of the REST API may do.
    ApiKeys,
    /// Its rules.
    Rules,
    /// Every version that its rules had.
    RuleVersions,
    /// Who wrote in, with their tags.
    Contacts,
    /// Their threads.
    Conversations,
    /// What was said.
    Messages,
    /// How it arrived.
    Deliveries,
    /// What members noted for each other.
    Notes,
    /// Episodes of human control.
    Handoffs,
    /// Files of messages.
    Files,
    /// Who changed what.
    Audit,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Tenant,
        Self::Members,
        Self::Invitations,
        Self::Channels,
        Self::Desk,
        Self::ApiKeys,
        Self::Rules,
        Self::RuleVersions,
        Self::Contacts,
        Self::Conversations,
        Self::Messages,
        Self::Deliveries,
        Self::Notes,
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
            Self::Invitations => "invitation",
            Self::Channels => "channel",
            Self::Desk => "desk",
            Self::ApiKeys => "api_key",
            Self::Rules => "rule",
            Self::RuleVersions => "rule_version",
            Self::Contacts => "contact",
            Self::Conversations => "conversation",
            Self::Messages => "message",
            Self::Deliveries => "delivery",
            Self::Notes => "note",
            Self::Handoffs => "handoff",
            Self::Files => "file",
            Self::Audit => "audit",
        }
    }
}

/// Behind which row a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The row with this id.
    Id(Uuid),
    /// The row with this number.
    Number(i64),
    /// The note with this id of this conversation.
    Note(Uuid, Uuid),
}

impl After {
    fn id(self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(id),
            _ => None,
        }
    }
}

/// The rows of one page, and where the next one begins; nothing when there is none.
pub type Page = (Vec<Value>, Option<After>);

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

/// A page of an entity's rows in the order of their ids.
macro_rules! rows {
    ($tenant:ident, $entity:ident, $after:ident, $limit:ident, |$r:ident| $json:expr) => {{
        let mut found = $entity::Entity::find()
            .filter($entity::Column::TenantId.eq($tenant.id.0))
            .order_by_asc($entity::Column::Id)
            .limit($limit);
        if let Some(after) = $after.and_then(crate::store::export::After::id) {
            found = found.filter($entity::Column::Id.gt(after));
        }
        let rows = found.all(&$tenant.store.read).await?;
        let last = rows
            .last()
            .map(|row| crate::store::export::After::Id(row.id));
        let full = rows.len() as u64 == $limit;
        let told = rows.into_iter().map(|$r| $json).collect();
        Ok((told, last.filter(|_| full)))
    }};
}
use rows;

impl TenantStore {
    /// At most `limit` rows of a part, from behind `after`.
    ///
    /// # Errors
    /// `Unavailable`; `NotFound` when the tenant is gone.
    pub async fn export(
        &self,
        part: Part,
        after: Option<After>,
        limit: u64,
    ) -> Result<Page, StoreError> {
        match part {
            Part::Tenant => company::tenant(self).await,
            Part::Members => company::members(self, after, limit).await,
            Part::Invitations => company::invitations(self, after, limit).await,
            Part::Channels => company::channels(self, after, limit).await,
            Part::Desk => company::desk(self).await,
            Part::ApiKeys => company::api_keys(self, after, limit).await,
            Part::Rules => company::rules(self, after, limit).await,
            Part::RuleVersions => company::rule_versions(self, after, limit).await,
            Part::Contacts => talk::contacts(self, after, limit).await,
            Part::Conversations => talk::conversations(self, after, limit).await,
            Part::Messages => talk::messages(self, after, limit).await,
            Part::Deliveries => talk::deliveries(self, after, limit).await,
            Part::Notes => talk::notes(self, after, limit).await,
            Part::Handoffs => talk::handoffs(self, after, limit).await,
            Part::Files => talk::files(self, after, limit).await,
            Part::Audit => company::audit(self, after, limit).await,
        }
    }
}
