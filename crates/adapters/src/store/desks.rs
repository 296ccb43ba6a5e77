//! The tenant's Let's Talk connection.

use super::entity::desks;
use super::{Change, Object, Recorded, StoreError, TenantStore, sql};
use domain::audit::{Action, ObjectKind};
use domain::desk::DeskSettings;
use domain::secret::Sealed;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};

/// The tenant's Let's Talk connection.
pub struct Desks {
    pub(crate) tenant: TenantStore,
}

/// A stored connection.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDesk {
    /// What is not secret.
    pub settings: DeskSettings,
    /// Sealed keys.
    pub credentials: Sealed,
    /// Counts every save.
    pub version: i64,
    /// The health of its subscription, as the worker last reported it (a JSON document).
    pub health: serde_json::Value,
}

impl Desks {
    /// The connection, if there is one.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn get(&self) -> Result<Option<StoredDesk>, StoreError> {
        self.get_in(&self.tenant.store.read).await
    }

    async fn get_in(&self, db: &impl ConnectionTrait) -> Result<Option<StoredDesk>, StoreError> {
        let row = desks::Entity::find_by_id(self.tenant.id.0).one(db).await?;
        row.map(|row| {
            Ok(StoredDesk {
                settings: serde_json::from_str(&row.settings)
                    .map_err(|e| StoreError::corrupt("desks.settings", e))?,
                credentials: Sealed(row.credentials),
                version: row.version,
                health: serde_json::from_str(&row.health).unwrap_or_default(),
            })
        })
        .transpose()
    }

    /// Connects or replaces the connection. Another agent or subscribe key is another stream,
    /// so the cursor starts anew.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn save(
        &self,
        settings: &DeskSettings,
        credentials: &Sealed,
    ) -> Result<(), StoreError> {
        let document = serde_json::to_string(settings)
            .map_err(|e| StoreError::corrupt("desks.settings", e))?;
        let tx = self.tenant.store.begin().await?;
        let was = self.get_in(&tx).await?;
        let text = "insert into desks (tenant_id, settings, credentials) values ($1, $2, $3)
            on conflict (tenant_id) do update set settings = excluded.settings,
                credentials = excluded.credentials, version = desks.version + 1,
                timetoken = null, region = null";
        let values = [
            self.tenant.id.0.into(),
            document.into(),
            credentials.0.clone().into(),
        ];
        tx.execute_raw(sql(&tx, text, values)).await?;
        self.tenant.touch(&tx).await?;
        self.tenant
            .record(&tx, saved(was.as_ref(), settings))
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Entries of the stream that could not be read and were kept as they came: when each came,
    /// and on which of PubNub's channels; newest first, at most 100.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn unreadable(&self) -> Result<Vec<(Timestamp, String)>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            received_at: i64,
            channel: String,
        }
        let db = &self.tenant.store.read;
        let text = "select received_at, channel from realtime_events
            where tenant_id = $1 and outcome = 'poison' order by received_at desc limit 100";
        let rows = Row::find_by_statement(sql(db, text, [self.tenant.id.0.into()]))
            .all(db)
            .await?;
        let shown = |row: Row| (Timestamp(row.received_at), row.channel);
        Ok(rows.into_iter().map(shown).collect())
    }

    /// Disconnects.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn remove(&self) -> Result<(), StoreError> {
        let tx = self.tenant.store.begin().await?;
        let Some(was) = self.get_in(&tx).await? else {
            return Ok(());
        };
        desks::Entity::delete_by_id(self.tenant.id.0)
            .exec(&tx)
            .await?;
        self.tenant.touch(&tx).await?;
        let change = Change::of(Action::DeskDisconnected, Object::only(ObjectKind::Desk))
            .was(Recorded::of(&was.settings));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The line of the log for a connection that is new or changed. Its keys are sealed anew with every
/// save, so that nobody could tell whether they are others.
fn saved(was: Option<&StoredDesk>, settings: &DeskSettings) -> Change {
    let object = Object::only(ObjectKind::Desk);
    match was {
        None => Change::of(Action::DeskConnected, object).became(Recorded::of(settings)),
        Some(was) if was.settings == *settings => Change::of(Action::DeskUpdated, object),
        Some(was) => Change::of(Action::DeskUpdated, object)
            .was(Recorded::of(&was.settings))
            .became(Recorded::of(settings)),
    }
}
