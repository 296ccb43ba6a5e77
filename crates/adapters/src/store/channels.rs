//! The connected lines of a tenant.

use super::entity::channels;
use super::error::conflict;
use super::{Change, Object, Recorded, Store, StoreError, TenantStore, sql};
use domain::audit::{Action, ObjectKind};
use domain::channel::{Channel, ChannelHealth, ChannelKind, ChannelSettings};
use domain::ids::{ChannelId, TenantId};
use domain::secret::Sealed;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, Value,
};

/// The connected lines of a tenant.
pub struct Channels {
    pub(crate) tenant: TenantStore,
}

/// A line to connect. The id is made by the caller, since the credentials are bound to it.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Identity.
    pub id: ChannelId,
    /// Platform.
    pub kind: ChannelKind,
    /// What the members call it.
    pub name: String,
    /// The platform's id.
    pub external_id: String,
    /// The unguessable part of its addresses.
    pub public_key: String,
    /// What can be tuned.
    pub settings: ChannelSettings,
    /// Sealed credentials.
    pub credentials: Sealed,
}

impl Channels {
    /// All connected lines, oldest first.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(&self) -> Result<Vec<Channel>, StoreError> {
        let rows = channels::Entity::find()
            .filter(channels::Column::TenantId.eq(self.tenant.id.0))
            .filter(channels::Column::RemovedAt.is_null())
            .order_by_asc(channels::Column::CreatedAt)
            .all(&self.tenant.store.read)
            .await?;
        rows.into_iter()
            .map(|row| channel_from(row).map(|(channel, _)| channel))
            .collect()
    }

    /// One line.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn get(&self, id: ChannelId) -> Result<Channel, StoreError> {
        Ok(self.with_credentials(id).await?.0)
    }

    /// One line with its sealed credentials.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn with_credentials(&self, id: ChannelId) -> Result<(Channel, Sealed), StoreError> {
        let row = channels::Entity::find_by_id((self.tenant.id.0, id.0))
            .filter(channels::Column::RemovedAt.is_null())
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        channel_from(row)
    }

    /// Connects a line.
    ///
    /// # Errors
    /// `Conflict("external_id")` when the account is connected already, by whichever tenant.
    pub async fn insert(&self, new: NewChannel) -> Result<Channel, StoreError> {
        let row = channels::Model {
            tenant_id: self.tenant.id.0,
            id: new.id.0,
            kind: new.kind.name().to_owned(),
            name: new.name,
            external_id: new.external_id,
            public_key: new.public_key,
            settings: json("channels.settings", &new.settings)?,
            health: json("channels.health", &ChannelHealth::Ok)?,
            credentials: new.credentials.0,
            created_at: self.tenant.store.clock.now().0,
            removed_at: None,
        };
        let tx = self.tenant.store.begin().await?;
        let row = row
            .into_active_model()
            .insert(&tx)
            .await
            .map_err(conflict("external_id"))?;
        let channel = channel_from(row)?.0;
        let change = Change::of(Action::ChannelConnected, object(&channel)).became(seen(&channel));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(channel)
    }

    /// Replaces the credentials; the line counts as healthy again.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn save_credentials(&self, id: ChannelId, sealed: &Sealed) -> Result<(), StoreError> {
        let health = json("channels.health", &ChannelHealth::Ok)?;
        let values = [sealed.0.clone().into(), health.into()];
        self.change(
            Action::ChannelCredentials,
            id,
            "credentials = $3, health = $4",
            values,
        )
        .await
    }

    /// Replaces what can be tuned.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn save_settings(
        &self,
        id: ChannelId,
        settings: &ChannelSettings,
    ) -> Result<(), StoreError> {
        let values = [json("channels.settings", settings)?.into()];
        self.change(Action::ChannelUpdated, id, "settings = $3", values)
            .await
    }

    /// Replaces a token that would have expired, with what is known of the new one; the line
    /// counts as healthy again.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn save_renewed(
        &self,
        id: ChannelId,
        sealed: &Sealed,
        settings: &ChannelSettings,
    ) -> Result<(), StoreError> {
        let health = json("channels.health", &ChannelHealth::Ok)?;
        let settings = json("channels.settings", settings)?;
        let values = [sealed.0.clone().into(), health.into(), settings.into()];
        let db = &self.tenant.store.write;
        let set = "credentials = $3, health = $4, settings = $5";
        self.update(db, id, set, values).await
    }

    /// Notes whether the line works.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_health(
        &self,
        id: ChannelId,
        health: &ChannelHealth,
    ) -> Result<(), StoreError> {
        let values = [json("channels.health", health)?.into()];
        let db = &self.tenant.store.write;
        self.update(db, id, "health = $3", values).await
    }

    /// Renames the line.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn rename(&self, id: ChannelId, name: &str) -> Result<(), StoreError> {
        self.change(Action::ChannelUpdated, id, "name = $3", [name.into()])
            .await
    }

    /// Disconnects the line: its conversations stay, its credentials go, its account is free.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove(&self, id: ChannelId) -> Result<(), StoreError> {
        let now = self.tenant.store.clock.now().0;
        let values = [now.into(), Vec::<u8>::new().into()];
        let set = "removed_at = $3, credentials = $4";
        self.change(Action::ChannelDisconnected, id, set, values)
            .await
    }

    /// Changes a line and records how it was and is.
    async fn change(
        &self,
        action: Action,
        id: ChannelId,
        set: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), StoreError> {
        let tx = self.tenant.store.begin().await?;
        let row = channels::Entity::find_by_id((self.tenant.id.0, id.0));
        let was = row.clone().one(&tx).await?.ok_or(StoreError::NotFound)?;
        self.update(&tx, id, set, values).await?;
        let became = row.one(&tx).await?.ok_or(StoreError::NotFound)?;
        let (was, became) = (channel_from(was)?.0, channel_from(became)?.0);
        let change = Change::of(action, object(&was));
        let change = match action {
            Action::ChannelDisconnected => change.was(seen(&was)),
            Action::ChannelCredentials => change,
            _ => change.was(seen(&was)).became(seen(&became)),
        };
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn update(
        &self,
        db: &impl ConnectionTrait,
        id: ChannelId,
        set: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), StoreError> {
        let text = format!(
            "update channels set {set} where tenant_id = $1 and id = $2 and removed_at is null"
        );
        let values = [self.tenant.id.0.into(), id.0.into()]
            .into_iter()
            .chain(values);
        let done = db.execute_raw(sql(db, &text, values)).await?;
        if done.rows_affected() == 0 {
            Err(StoreError::NotFound)
        } else {
            Ok(())
        }
    }
}

impl Store {
    /// The connected lines of a kind, of every tenant: for upkeep that no request asks for.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn lines_of(&self, kind: ChannelKind) -> Result<Vec<Channel>, StoreError> {
        let rows = channels::Entity::find()
            .filter(channels::Column::Kind.eq(kind.name()))
            .filter(channels::Column::RemovedAt.is_null())
            .all(&self.read)
            .await?;
        rows.into_iter()
            .map(|row| channel_from(row).map(|(channel, _)| channel))
            .collect()
    }

    /// The lines behind these parts of webhooks' or the send proxy's addresses, those that there
    /// are, each with its platform and part; one that cannot be read stops no other.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn channels_by_keys(
        &self,
        public_keys: impl Iterator<Item = &str>,
    ) -> Result<Vec<Behind>, StoreError> {
        let rows = channels::Entity::find()
            .filter(channels::Column::PublicKey.is_in(public_keys))
            .filter(channels::Column::RemovedAt.is_null())
            .all(&self.read)
            .await?;
        let named = |row: channels::Model| {
            let kind = ChannelKind::from_name(&row.kind)?;
            Some((kind, row.public_key.clone(), channel_from(row)))
        };
        Ok(rows.into_iter().filter_map(named).collect())
    }
}

/// A platform, the part of an address, and the line behind it.
pub type Behind = (ChannelKind, String, Result<(Channel, Sealed), StoreError>);

fn json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::corrupt(what, e))
}

fn object(channel: &Channel) -> Object {
    Object::of(ObjectKind::Channel, channel.id, &channel.name)
}

/// What the log shows of a line: no address with a key in it.
fn seen(channel: &Channel) -> Recorded {
    #[derive(serde::Serialize)]
    struct Seen<'a> {
        kind: &'static str,
        name: &'a str,
        #[serde(flatten)]
        settings: &'a ChannelSettings,
    }
    Recorded::of(&Seen {
        kind: channel.kind.title(),
        name: &channel.name,
        settings: &channel.settings,
    })
}

fn channel_from(row: channels::Model) -> Result<(Channel, Sealed), StoreError> {
    let channel = Channel {
        id: ChannelId(row.id),
        tenant: TenantId(row.tenant_id),
        kind: ChannelKind::from_name(&row.kind)
            .ok_or_else(|| StoreError::corrupt("channels.kind", row.kind))?,
        name: row.name,
        external_id: row.external_id,
        public_key: row.public_key,
        settings: serde_json::from_str(&row.settings)
            .map_err(|e| StoreError::corrupt("channels.settings", e))?,
        health: serde_json::from_str(&row.health)
            .map_err(|e| StoreError::corrupt("channels.health", e))?,
    };
    Ok((channel, Sealed(row.credentials)))
}
