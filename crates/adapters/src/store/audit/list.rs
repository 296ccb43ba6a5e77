//! Reading the log, newest first.

use super::snapshot::{Difference, differences};
use super::{AuditLog, Object};
use crate::store::StoreError;
use crate::store::entity::audit;
use domain::audit::{Action, Actor, ObjectKind};
use domain::ids::{ApiKeyId, MemberId};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use std::str::FromStr;
use uuid::Uuid;

/// Which lines to show; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only of this member or operator.
    pub who: Option<MemberId>,
    /// Only about this kind of thing.
    pub kind: Option<ObjectKind>,
    /// Only about the thing with this id.
    pub object: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// A place in the log; the text form goes into addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditCursor {
    at: i64,
    id: Uuid,
}

impl std::fmt::Display for AuditCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.at, self.id.simple())
    }
}

impl FromStr for AuditCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('-').ok_or(())?;
        Ok(Self {
            at: at.parse().map_err(|_| ())?,
            id: id.parse().map_err(|_| ())?,
        })
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditLine {
    /// Where it stands: the next page begins behind it.
    pub cursor: AuditCursor,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What was done; nothing for a word that this version does not know.
    pub action: Option<Action>,
    /// To what.
    pub object: Object,
    /// The network address it was done from.
    pub address: Option<String>,
    /// What differs.
    pub differences: Vec<Difference>,
}

impl AuditLog {
    /// At most `limit` lines, newest first, from behind `before`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(
        &self,
        filter: &AuditFilter,
        before: Option<AuditCursor>,
        limit: u64,
    ) -> Result<Vec<AuditLine>, StoreError> {
        use audit::Column;
        let mut found = audit::Entity::find().filter(Column::TenantId.eq(self.tenant.id.0));
        if let Some(who) = filter.who {
            found = found.filter(Column::ActorId.eq(who.0));
        }
        if let Some(kind) = filter.kind {
            found = found.filter(Column::Object.eq(kind.name()));
        }
        if let Some(id) = &filter.object {
            found = found.filter(Column::ObjectId.eq(id.as_str()));
        }
        if let Some(from) = filter.from {
            found = found.filter(Column::At.gte(from.0));
        }
        if let Some(until) = filter.until {
            found = found.filter(Column::At.lt(until.0));
        }
        if let Some(cursor) = before {
            let same = Condition::all()
                .add(Column::At.eq(cursor.at))
                .add(Column::Id.lt(cursor.id));
            found = found.filter(Condition::any().add(Column::At.lt(cursor.at)).add(same));
        }
        let rows = found
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.tenant.store.read)
            .await?;
        rows.into_iter().map(line).collect()
    }

    /// Everybody who stands in the log as a person, by name.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn people(&self) -> Result<Vec<(MemberId, String)>, StoreError> {
        use audit::Column;
        let rows: Vec<(Uuid, String)> = audit::Entity::find()
            .select_only()
            .column(Column::ActorId)
            .column_as(Column::ActorName.max(), "name")
            .filter(Column::TenantId.eq(self.tenant.id.0))
            .filter(Column::Actor.is_in(["member", "operator"]))
            .filter(Column::ActorId.is_not_null())
            .group_by(Column::ActorId)
            .into_tuple()
            .all(&self.tenant.store.read)
            .await?;
        let mut people: Vec<_> = rows.into_iter().map(|(id, n)| (MemberId(id), n)).collect();
        people.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(people)
    }
}

fn line(row: audit::Model) -> Result<AuditLine, StoreError> {
    let read = |text: Option<&String>| -> Result<Option<Value>, StoreError> {
        text.map(|t| serde_json::from_str(t))
            .transpose()
            .map_err(|e| StoreError::corrupt("audit", e))
    };
    let (was, became) = (read(row.was.as_ref())?, read(row.became.as_ref())?);
    let name = row.actor_name;
    let actor = match (row.actor.as_str(), row.actor_id) {
        ("member", Some(id)) => Actor::Member {
            id: MemberId(id),
            name,
        },
        ("operator", Some(id)) => Actor::Operator {
            id: MemberId(id),
            name,
        },
        ("api_key", Some(id)) => Actor::ApiKey {
            id: ApiKeyId(id),
            name,
        },
        _ => Actor::System,
    };
    Ok(AuditLine {
        cursor: AuditCursor {
            at: row.at,
            id: row.id,
        },
        at: Timestamp(row.at),
        actor,
        action: Action::from_name(&row.action),
        object: Object {
            kind: ObjectKind::from_name(&row.object)
                .ok_or_else(|| StoreError::corrupt("audit.object", row.object))?,
            id: row.object_id,
            name: row.object_name,
        },
        address: row.address,
        differences: differences(was.as_ref(), became.as_ref()),
    })
}
