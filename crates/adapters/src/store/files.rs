//! Files of messages: what the viewer may serve.

use super::entity::{files, messages};
use super::{StoreError, TenantStore};
use domain::ids::{ChannelId, FileId, MessageId};
use domain::message::StoredFile;
use sea_orm::EntityTrait;

/// Files of a tenant.
pub struct Files {
    pub(crate) tenant: TenantStore,
}

impl Files {
    /// A file and the message it belongs to.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn get(&self, id: FileId) -> Result<(StoredFile, MessageId), StoreError> {
        let row = files::Entity::find_by_id((self.tenant.id.0, id.0))
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        let file = StoredFile {
            id,
            mime: row.mime,
            name: row.name,
            size: u64::try_from(row.size).unwrap_or(0),
            sha256: row.sha256,
        };
        Ok((file, MessageId(row.message_id)))
    }

    /// The line that a message with files came or went on.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's.
    pub async fn channel(&self, message: MessageId) -> Result<ChannelId, StoreError> {
        let row = messages::Entity::find_by_id((self.tenant.id.0, message.0))
            .one(&self.tenant.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(ChannelId(row.channel_id))
    }
}
