//! What carrying out outbound work reads and keeps.

use super::entity::{deliveries, messages, webhooks};
use super::{StoreError, TenantStore, sql};
use domain::ids::{ContactId, ConversationId, WebhookId};
use domain::message::{Content, Message};
use domain::ports::RawWebhook;
use domain::secret::Sealed;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};

/// A contact as memorized at the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemorizedClient {
    /// Let's Talk's person id.
    pub id: i64,
    /// The sealed token.
    pub token: Sealed,
}

impl TenantStore {
    /// A webhook as it came, to hand on.
    ///
    /// # Errors
    /// `NotFound` when it is no longer kept.
    pub async fn webhook(&self, id: WebhookId) -> Result<RawWebhook, StoreError> {
        let row = webhooks::Entity::find_by_id((self.id.0, id.0))
            .one(&self.store.read)
            .await?
            .ok_or(StoreError::NotFound)?;
        Ok(RawWebhook {
            headers: serde_json::from_str(&row.headers)
                .map_err(|e| StoreError::corrupt("webhooks.headers", e))?,
            body: row.body.into(),
        })
    }

    /// Memorizes the contact's client at the desk.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn save_desk_client(
        &self,
        contact: ContactId,
        client: &MemorizedClient,
    ) -> Result<(), StoreError> {
        let db = &self.store.write;
        let text = "update contacts set desk_client_id = $3, desk_token = $4 where tenant_id = $1 and id = $2";
        let values = [
            self.id.0.into(),
            contact.0.into(),
            client.id.into(),
            client.token.0.clone().into(),
        ];
        db.execute_raw(sql(db, text, values)).await?;
        Ok(())
    }

    /// The platform's id of the contact's last message.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn last_inbound(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<String>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            external_id: String,
        }
        let db = &self.store.read;
        let text = "select external_id from messages where tenant_id = $1 and conversation_id = $2
            and author = 'contact' and external_id is not null order by seq desc limit 1";
        let values = [self.id.0.into(), conversation.0.into()];
        Ok(Row::find_by_statement(sql(db, text, values))
            .one(db)
            .await?
            .map(|r| r.external_id))
    }

    /// The words of the message with this external id, for quotes.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn words_of(
        &self,
        about: &Message,
        external_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = messages::Entity::find()
            .filter(messages::Column::TenantId.eq(self.id.0))
            .filter(messages::Column::ConversationId.eq(about.conversation.0))
            .filter(messages::Column::ExternalId.eq(external_id))
            .one(&self.store.read)
            .await?;
        if let Some(row) = row {
            return Ok(words(&row.content));
        }
        // Or one of ours: known by its parts.
        let part = deliveries::Entity::find()
            .filter(deliveries::Column::TenantId.eq(self.id.0))
            .filter(deliveries::Column::ConversationId.eq(about.conversation.0))
            .filter(deliveries::Column::ExternalId.eq(external_id))
            .one(&self.store.read)
            .await?;
        let Some(part) = part else { return Ok(None) };
        let row = messages::Entity::find_by_id((self.id.0, part.message_id))
            .one(&self.store.read)
            .await?;
        Ok(row.and_then(|r| words(&r.content)))
    }

    /// The messages that open a conversation at the desk: the last `limit` up to number `seq`.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn transcript(
        &self,
        conversation: ConversationId,
        seq: i64,
        limit: u64,
    ) -> Result<Vec<Message>, StoreError> {
        self.conversations()
            .messages(conversation, Some(seq.saturating_add(1)), limit)
            .await
    }

    /// The sealed secret with which events for the bot are signed.
    ///
    /// # Errors
    /// `NotFound` if the tenant is gone.
    pub async fn events_secret(&self) -> Result<Option<Sealed>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            events_secret: Option<Vec<u8>>,
        }
        let db = &self.store.read;
        let text = "select events_secret from tenants where id = $1";
        let row = Row::find_by_statement(sql(db, text, [self.id.0.into()]))
            .one(db)
            .await?;
        Ok(row.ok_or(StoreError::NotFound)?.events_secret.map(Sealed))
    }

    /// Replaces the secret with which events for the bot are signed.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn save_events_secret(&self, sealed: &Sealed) -> Result<(), StoreError> {
        let db = &self.store.write;
        let text = "update tenants set events_secret = $2 where id = $1";
        db.execute_raw(sql(db, text, [self.id.0.into(), sealed.0.clone().into()]))
            .await?;
        Ok(())
    }
}

fn words(content: &str) -> Option<String> {
    let content: Content = serde_json::from_str(content).ok()?;
    content.words().map(str::to_owned)
}
