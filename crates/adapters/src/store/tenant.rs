//! One tenant's door to its data.

use super::entity::tenants;
use super::{
    ApiKeys, Change, Channels, Checks, Conversations, Desks, Files, Handoffs, Object, OutboxView,
    Pasts, Recorded, Rules, Store, StoreError, Team, sql,
};
use domain::audit::{Action, By, ObjectKind};
use domain::ids::TenantId;
use domain::tenant::{Tenant, TenantSettings};
use sea_orm::{ConnectionTrait, EntityTrait};

/// Everything of one tenant.
#[derive(Clone)]
pub struct TenantStore {
    pub(crate) store: Store,
    pub(crate) id: TenantId,
    /// Who is acting, for the log.
    pub(crate) by: By,
}

impl TenantStore {
    /// Whose.
    #[must_use]
    pub fn id(&self) -> TenantId {
        self.id
    }

    /// The tenant itself.
    ///
    /// # Errors
    /// `NotFound` if it was deleted.
    pub async fn tenant(&self) -> Result<Tenant, StoreError> {
        self.tenant_in(&self.store.read).await
    }

    async fn tenant_in(&self, db: &impl ConnectionTrait) -> Result<Tenant, StoreError> {
        let row = tenants::Entity::find_by_id(self.id.0)
            .one(db)
            .await?
            .ok_or(StoreError::NotFound)?;
        tenant_from(row)
    }

    /// Replaces the settings, whatever they are by now.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn save_settings(&self, settings: &TenantSettings) -> Result<(), StoreError> {
        let new = settings.clone();
        self.change_settings(move |_| Ok(new)).await
    }

    /// Changes the settings as they are now; nobody else can in between. `change` sees what is
    /// stored and says what shall be, or `Stale` where it was made on another ground.
    ///
    /// # Errors
    /// What `change` says; `Unavailable`.
    pub async fn change_settings(
        &self,
        change: impl FnOnce(&TenantSettings) -> Result<TenantSettings, StoreError>,
    ) -> Result<(), StoreError> {
        let tx = self.store.begin().await?;
        // On PostgreSQL the update itself takes the lock; what is read behind it is the newest.
        let text = "update tenants set version = version where id = $1";
        tx.execute_raw(sql(&tx, text, [self.id.0.into()])).await?;
        let was = self.tenant_in(&tx).await?.settings;
        let settings = &change(&was)?;
        let document = serde_json::to_string(settings)
            .map_err(|e| StoreError::corrupt("tenants.settings", e))?;
        let text = "update tenants set settings = $2, version = version + 1 where id = $1";
        tx.execute_raw(sql(&tx, text, [self.id.0.into(), document.into()]))
            .await?;
        let change = Change::of(Action::SettingsUpdated, Object::only(ObjectKind::Settings))
            .was(Recorded::of(&was))
            .became(Recorded::of(settings));
        self.record(&tx, change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Counts a change of what is cached under the tenant's version.
    pub(crate) async fn touch(&self, db: &impl ConnectionTrait) -> Result<(), StoreError> {
        let text = "update tenants set version = version + 1 where id = $1";
        db.execute_raw(sql(db, text, [self.id.0.into()])).await?;
        Ok(())
    }

    /// The channels.
    #[must_use]
    pub fn channels(&self) -> Channels {
        Channels {
            tenant: self.clone(),
        }
    }

    /// The Let's Talk connection.
    #[must_use]
    pub fn desk(&self) -> Desks {
        Desks {
            tenant: self.clone(),
        }
    }

    /// The routing rules.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            tenant: self.clone(),
        }
    }

    /// What was recorded, to try rules on it.
    #[must_use]
    pub fn past(&self) -> Pasts {
        Pasts {
            tenant: self.clone(),
        }
    }

    /// Conversations and their messages.
    #[must_use]
    pub fn conversations(&self) -> Conversations {
        Conversations {
            tenant: self.clone(),
        }
    }

    /// Handoffs.
    #[must_use]
    pub fn handoffs(&self) -> Handoffs {
        Handoffs {
            tenant: self.clone(),
        }
    }

    /// How the connections fare.
    #[must_use]
    pub fn checks(&self) -> Checks {
        Checks {
            tenant: self.clone(),
        }
    }

    /// Outbound work, as members see it.
    #[must_use]
    pub fn outbox(&self) -> OutboxView {
        OutboxView {
            tenant: self.clone(),
        }
    }

    /// Files of messages.
    #[must_use]
    pub fn files(&self) -> Files {
        Files {
            tenant: self.clone(),
        }
    }

    /// Its members and those who are invited.
    #[must_use]
    pub fn team(&self) -> Team {
        Team {
            tenant: self.clone(),
        }
    }

    /// Keys of the REST API.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys {
            tenant: self.clone(),
        }
    }
}

pub(crate) fn tenant_from(row: tenants::Model) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: TenantId(row.id),
        slug: row.slug,
        name: row.name,
        settings: serde_json::from_str(&row.settings)
            .map_err(|e| StoreError::corrupt("tenants.settings", e))?,
    })
}
