//! Files of messages, once they were fetched.

use super::unit::Unit;
use crate::store::StoreError;
use domain::ids::{ConversationId, MessageId, TenantId};
use domain::message::{Content, StoredFile};
use sea_orm::FromQueryResult;

/// A file that was fetched because its message is about to be sent: it must be found before anybody
/// is given its address.
pub struct FetchedFile {
    /// Owner.
    pub tenant: TenantId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// What is in our store.
    pub file: StoredFile,
}

impl Unit<'_> {
    /// Notes a message's file, or why there will never be one; a file that is there stays.
    pub(super) async fn keep_file(
        &mut self,
        (tenant, conversation): (TenantId, ConversationId),
        message: MessageId,
        file: &Result<StoredFile, String>,
    ) -> Result<(), StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            content: String,
        }
        let key = [tenant.0.into(), message.0.into()];
        let text = "select content from messages where tenant_id = $1 and id = $2";
        let Some(row) = self.one::<Row>(text, key).await? else {
            return Ok(());
        };
        let mut content: Content = serde_json::from_str(&row.content)
            .map_err(|e| StoreError::corrupt("messages.content", e))?;
        if let Some(attachment) = content.attachment_mut() {
            match file {
                Ok(stored) => attachment.keep(stored.clone()),
                Err(_) if attachment.stored.is_some() => return Ok(()),
                Err(why) => attachment.unavailable = Some(why.clone()),
            }
        }
        let content = serde_json::to_string(&content)
            .map_err(|e| StoreError::corrupt("messages.content", e))?;
        let text = "update messages set content = $3 where tenant_id = $1 and id = $2";
        let values = [tenant.0.into(), message.0.into(), content.into()];
        self.run(text, values).await?;
        if let Ok(stored) = file {
            let text = "insert into files (tenant_id, id, message_id, mime, name, size, sha256, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant_id, id) do nothing";
            let values = [
                tenant.0.into(),
                stored.id.0.into(),
                message.0.into(),
                stored.mime.clone().into(),
                stored.name.clone().into(),
                i64::try_from(stored.size).unwrap_or(i64::MAX).into(),
                stored.sha256.clone().into(),
                self.now.0.into(),
            ];
            self.run(text, values).await?;
        }
        self.after.changed.insert((tenant, conversation));
        Ok(())
    }
}
