//! The log of who changed what. A repository that changes something records it itself, in the
//! transaction of the change; who is acting comes with the [`TenantStore`], see
//! [`TenantStore::by`].

mod list;
mod snapshot;

pub use list::{AuditCursor, AuditFilter, AuditLine};
pub(super) use snapshot::openly;
pub use snapshot::{Difference, Recorded};

use super::entity::audit;
use super::{StoreError, TenantStore};
use domain::audit::{Action, Actor, By, ObjectKind};
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id; empty where a tenant has only one.
    pub id: String,
    /// What people call it.
    pub name: String,
}

impl Object {
    /// A thing with an id.
    #[must_use]
    pub fn of(kind: ObjectKind, id: impl ToString, name: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.to_string(),
            name: name.into(),
        }
    }

    /// The one thing of its kind.
    #[must_use]
    pub fn only(kind: ObjectKind) -> Self {
        Self::of(kind, "", "")
    }
}

/// A change to record.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// To what.
    pub object: Object,
    /// How it was; nothing for what is new.
    pub was: Option<Recorded>,
    /// How it is now; nothing for what is gone.
    pub became: Option<Recorded>,
}

impl Change {
    /// Something that is done to a thing, without a before and after.
    #[must_use]
    pub fn of(action: Action, object: Object) -> Self {
        Self {
            action,
            object,
            was: None,
            became: None,
        }
    }

    /// With how it was.
    #[must_use]
    pub fn was(mut self, was: Recorded) -> Self {
        self.was = Some(was);
        self
    }

    /// With how it is now.
    #[must_use]
    pub fn became(mut self, became: Recorded) -> Self {
        self.became = Some(became);
        self
    }

    /// Whether it is a change from one state into the same.
    fn is_none(&self) -> bool {
        self.was.is_some() && self.was == self.became
    }
}

/// The log of a tenant.
pub struct AuditLog {
    pub(crate) tenant: TenantStore,
}

impl AuditLog {
    /// Records a change of something that lies elsewhere than in the store's own repositories,
    /// which record theirs themselves.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn record(&self, change: Change) -> Result<(), StoreError> {
        self.tenant.record(&self.tenant.store.write, change).await
    }
}

impl TenantStore {
    /// The same door, held by somebody: what is changed behind it is recorded as theirs. Without
    /// it, it is Relevo itself.
    #[must_use]
    pub fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }

    /// Who is acting.
    #[must_use]
    pub fn acting(&self) -> &By {
        &self.by
    }

    /// The log of who changed what.
    #[must_use]
    pub fn audit(&self) -> AuditLog {
        AuditLog {
            tenant: self.clone(),
        }
    }

    /// Records a change in the transaction that makes it. What changes nothing leaves no line.
    pub(crate) async fn record(
        &self,
        db: &impl ConnectionTrait,
        change: Change,
    ) -> Result<(), StoreError> {
        if change.is_none() {
            return Ok(());
        }
        let (was, became) = snapshot::differing(change.was, change.became);
        let actor_id = match self.by.actor {
            Actor::Member { id, .. } | Actor::Operator { id, .. } => Some(id.0),
            Actor::ApiKey { id, .. } => Some(id.0),
            Actor::System => None,
        };
        let row = audit::Model {
            tenant_id: self.id.0,
            id: self.store.ids.next(),
            at: self.store.clock.now().0,
            actor: self.by.actor.kind().to_owned(),
            actor_id,
            actor_name: plain(self.by.actor.name()),
            action: change.action.name().to_owned(),
            object: change.object.kind.name().to_owned(),
            object_id: plain(&change.object.id),
            object_name: plain(&change.object.name),
            was: was.map(|v| plain(&v.to_string())),
            became: became.map(|v| plain(&v.to_string())),
            address: self.by.address.as_deref().map(plain),
        };
        row.into_active_model().insert(db).await?;
        Ok(())
    }
}

/// PostgreSQL takes no NUL.
fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
