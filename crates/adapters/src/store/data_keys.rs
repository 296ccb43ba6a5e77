//! The tenants' data keys, wrapped by the master key.

use super::entity::data_keys;
use super::{Store, sql};
use crate::vault::{DataKeyError, DataKeys, WrappedKey};
use async_trait::async_trait;
use domain::ids::TenantId;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

fn failed(error: DbErr) -> DataKeyError {
    DataKeyError(super::StoreError::from(error).to_string())
}

#[async_trait]
impl DataKeys for Store {
    async fn load(&self, tenant: TenantId) -> Result<Option<WrappedKey>, DataKeyError> {
        let row = data_keys::Entity::find_by_id(tenant.0)
            .one(&self.read)
            .await
            .map_err(failed)?;
        Ok(row.map(|row| WrappedKey {
            master: row.master,
            wrapped: row.wrapped,
        }))
    }

    async fn insert_if_absent(
        &self,
        tenant: TenantId,
        key: WrappedKey,
    ) -> Result<WrappedKey, DataKeyError> {
        let text =
            "insert into data_keys (tenant_id, master, wrapped, created_at) values ($1, $2, $3, $4)
            on conflict (tenant_id) do nothing";
        let now = self.clock.now().0;
        let values = [
            tenant.0.into(),
            key.master.into(),
            key.wrapped.into(),
            now.into(),
        ];
        self.write
            .execute_raw(sql(&self.write, text, values))
            .await
            .map_err(failed)?;
        self.load(tenant)
            .await?
            .ok_or_else(|| DataKeyError("the key vanished".to_owned()))
    }

    async fn replace(
        &self,
        tenant: TenantId,
        old: &WrappedKey,
        new: WrappedKey,
    ) -> Result<bool, DataKeyError> {
        let text = "update data_keys set master = $2, wrapped = $3
            where tenant_id = $1 and master = $4 and wrapped = $5";
        let values = [
            tenant.0.into(),
            new.master.into(),
            new.wrapped.into(),
            old.master.clone().into(),
            old.wrapped.clone().into(),
        ];
        let done = self
            .write
            .execute_raw(sql(&self.write, text, values))
            .await
            .map_err(failed)?;
        Ok(done.rows_affected() > 0)
    }
}
