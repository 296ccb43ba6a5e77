//! Keys of the REST API. Only their hashes are kept.

use super::entity::api_keys;
use super::{Change, Object, Recorded, Store, StoreError, TenantStore, sql};
use domain::api_key::Scopes;
use domain::audit::{Action, ObjectKind};
use domain::ids::{ApiKeyId, ChannelId, TenantId};
use domain::time::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

/// Keys of a tenant.
pub struct ApiKeys {
    pub(crate) tenant: TenantStore,
}

/// A key as it is known afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Identity.
    pub id: ApiKeyId,
    /// Owner.
    pub tenant: TenantId,
    /// What the members call it.
    pub name: String,
    /// Its first characters, to tell keys apart.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// What it may do.
    pub scopes: Scopes,
    /// The only channels it may do it on; nothing for all of them.
    pub channels: Option<Vec<ChannelId>>,
    /// From then on it is worth nothing.
    pub expires_at: Option<Timestamp>,
    /// Who made it, as they were called then.
    pub created_by: String,
}

impl ApiKey {
    /// Whether it may act on a channel.
    #[must_use]
    pub fn reaches(&self, channel: ChannelId) -> bool {
        self.channels.as_ref().is_none_or(|c| c.contains(&channel))
    }
}

/// A key to keep.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What the members call it.
    pub name: String,
    /// SHA-256 of the key.
    pub hash: Vec<u8>,
    /// Its first characters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The only channels it may do it on; nothing for all of them.
    pub channels: Option<Vec<ChannelId>>,
    /// From then on it is worth nothing.
    pub expires_at: Option<Timestamp>,
}

impl NewApiKey {
    /// A key that may do everything and does not end.
    #[must_use]
    pub fn unlimited(name: &str, hash: Vec<u8>, prefix: &str) -> Self {
        Self {
            name: name.to_owned(),
            hash,
            prefix: prefix.to_owned(),
            scopes: Scopes::all(),
            channels: None,
            expires_at: None,
        }
    }
}

impl ApiKeys {
    /// The keys that were not revoked, oldest first; also those that ran out.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = api_keys::Entity::find()
            .filter(api_keys::Column::TenantId.eq(self.tenant.id.0))
            .filter(api_keys::Column::RevokedAt.is_null())
            .order_by_asc(api_keys::Column::CreatedAt)
            .all(&self.tenant.store.read)
            .await?;
        Ok(rows.into_iter().map(key_from).collect())
    }

    /// Keeps a new key.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn insert(&self, new: NewApiKey) -> Result<ApiKey, StoreError> {
        let row = api_keys::Model {
            tenant_id: self.tenant.id.0,
            id: self.tenant.store.ids.next(),
            name: new.name,
            prefix: new.prefix,
            hash: new.hash,
            created_at: self.tenant.store.clock.now().0,
            last_used_at: None,
            revoked_at: None,
            scopes: new.scopes.text(),
            channels: new.channels.map(|c| {
                let ids: Vec<String> = c.iter().map(ToString::to_string).collect();
                ids.join(",")
            }),
            expires_at: new.expires_at.map(|t| t.0),
            created_by: self.tenant.by.actor.name().to_owned(),
        };
        let tx = self.tenant.store.begin().await?;
        let key = key_from(row.into_active_model().insert(&tx).await?);
        let object = Object::of(ObjectKind::ApiKey, key.id, &key.name);
        let scopes = serde_json::json!({"scopes": key.scopes});
        let change = Change::of(Action::ApiKeyCreated, object).became(Recorded::of(&scopes));
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn revoke(&self, id: ApiKeyId) -> Result<(), StoreError> {
        let tx = self.tenant.store.begin().await?;
        let row = api_keys::Entity::find_by_id((self.tenant.id.0, id.0))
            .filter(api_keys::Column::RevokedAt.is_null())
            .one(&tx)
            .await?
            .ok_or(StoreError::NotFound)?;
        let text = "update api_keys set revoked_at = $3 where tenant_id = $1 and id = $2";
        let now = self.tenant.store.clock.now().0;
        let values = [self.tenant.id.0.into(), id.0.into(), now.into()];
        tx.execute_raw(sql(&tx, text, values)).await?;
        let object = Object::of(ObjectKind::ApiKey, id, row.name);
        let change = Change::of(Action::ApiKeyRevoked, object);
        self.tenant.record(&tx, change).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl Store {
    /// The live key with this hash. Its last use is noted at most once a minute.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn api_key(&self, hash: &[u8]) -> Result<Option<ApiKey>, StoreError> {
        let row = api_keys::Entity::find()
            .filter(api_keys::Column::Hash.eq(hash.to_vec()))
            .filter(api_keys::Column::RevokedAt.is_null())
            .one(&self.read)
            .await?;
        let now = self.clock.now().0;
        let lives = |row: &api_keys::Model| row.expires_at.is_none_or(|at| now < at);
        let Some(row) = row.filter(lives) else {
            return Ok(None);
        };
        if row.last_used_at.is_none_or(|at| now - at > 60_000) {
            let text = "update api_keys set last_used_at = $2 where hash = $1";
            self.write
                .execute_raw(sql(&self.write, text, [hash.to_vec().into(), now.into()]))
                .await?;
        }
        Ok(Some(key_from(row)))
    }
}

fn key_from(row: api_keys::Model) -> ApiKey {
    ApiKey {
        id: ApiKeyId(row.id),
        tenant: TenantId(row.tenant_id),
        name: row.name,
        prefix: row.prefix,
        created_at: Timestamp(row.created_at),
        last_used_at: row.last_used_at.map(Timestamp),
        scopes: Scopes::parse(&row.scopes),
        channels: row
            .channels
            .map(|ids| ids.split(',').filter_map(|id| id.parse().ok()).collect()),
        expires_at: row.expires_at.map(Timestamp),
        created_by: row.created_by,
    }
}
