//! Erasing one contact everywhere. Rows stay without a person in them, so that figures and the
//! facts of handoffs stay right.

use super::entity::{contacts, conversations};
use super::{Change, Object, StoreError, TenantStore, sql};
use domain::audit::{Action, ObjectKind};
use domain::ids::{ConversationId, FileId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult};
use uuid::Uuid;

impl TenantStore {
    /// Erases the contact of a conversation: who they are, what they and others said, what waits
    /// to be sent, raw webhooks, answers kept for the bot, names in the log. `instead` stands in
    /// the place of each message. The files to remove from the file store: their rows go with
    /// [`TenantStore::file_gone`].
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's; `Conflict("open_handoff")` while people are in
    /// charge: what they write would bring the contact back.
    pub async fn erase_contact(
        &self,
        conversation: ConversationId,
        instead: &str,
    ) -> Result<Vec<FileId>, StoreError> {
        #[derive(FromQueryResult)]
        struct Id {
            id: Uuid,
        }
        let tx = self.store.begin().await?;
        // The same lock that whoever stores a message takes first.
        let lock = "update conversations set last_words = '' where tenant_id = $1 and id = $2";
        let key = [self.id.0.into(), conversation.0.into()];
        tx.execute_raw(sql(&tx, lock, key.clone())).await?;
        let row = conversations::Entity::find_by_id((self.id.0, conversation.0))
            .one(&tx)
            .await?
            .ok_or(StoreError::NotFound)?;
        if row.phase != "bot" {
            return Err(StoreError::Conflict("open_handoff"));
        }
        let contact = contacts::Entity::find_by_id((self.id.0, row.contact_id))
            .one(&tx)
            .await?
            .ok_or(StoreError::NotFound)?;
        let text = "select id from messages where tenant_id = $1 and conversation_id = $2";
        let ids = Id::find_by_statement(sql(&tx, text, key.clone()))
            .all(&tx)
            .await?;
        let ids: Vec<Uuid> = ids.into_iter().map(|r| r.id).collect();
        let files = self.blank(&tx, &ids, instead).await?;
        self.unname(&tx, conversation, &contact).await?;
        let object = Object::of(ObjectKind::Contact, contact.id, "");
        let change = Change::of(Action::ContactErased, object);
        self.record(&tx, change).await?;
        tx.commit().await?;
        Ok(files)
    }

    /// Takes the person out of everything but the messages' words.
    async fn unname(
        &self,
        tx: &DatabaseTransaction,
        conversation: ConversationId,
        contact: &contacts::Model,
    ) -> Result<(), StoreError> {
        let key = [self.id.0.into(), conversation.0.into()];
        let about_the_conversation = [
            // Platforms' ids of messages can hold the contact's number.
            "update messages set external_id = null, dedupe_key = null, reply_to = null,
                author_name = case when author = 'contact' then null else author_name end
                where tenant_id = $1 and conversation_id = $2",
            "update deliveries set external_id = null where tenant_id = $1 and conversation_id = $2",
            // What was still on its way does not arrive any more, and the books say why.
            "update messages set status = 'failed', failure = 'erased'
                where tenant_id = $1 and conversation_id = $2 and status = 'accepted'
                and (author <> 'contact' or handoff_id is not null)",
            "delete from outbox where tenant_id = $1 and conversation_id = $2",
            "delete from timers where tenant_id = $1 and conversation_id = $2",
            "delete from realtime_events where tenant_id = $1 and desk_conversation in
                (select desk_conversation from handoffs where tenant_id = $1 and conversation_id = $2)",
            "delete from realtime_events where tenant_id = $1 and desk_conversation in
                (select desk_conversation from desk_strays where tenant_id = $1 and conversation_id = $2)",
            "update handoffs set options = '{}' where tenant_id = $1 and conversation_id = $2",
            "update conversations set progress = '{}', last_words = '', failed = 0
                where tenant_id = $1 and id = $2",
        ];
        for text in about_the_conversation {
            tx.execute_raw(sql(tx, text, key.clone())).await?;
        }
        let text = "update audit set object_name = '', was = null, became = null
            where tenant_id = $1 and object = 'conversation' and object_id = $2";
        let values = [self.id.0.into(), conversation.to_string().into()];
        tx.execute_raw(sql(tx, text, values)).await?;
        if self.has_notes(tx).await? {
            let text = "delete from notes where tenant_id = $1 and conversation_id = $2";
            tx.execute_raw(sql(tx, text, key)).await?;
        }
        let text = "update contacts set key = $3, thread = '', alias = null, profile = '{}',
            desk_client_id = null, desk_token = null where tenant_id = $1 and id = $2";
        let values = [
            self.id.0.into(),
            contact.id.into(),
            format!("erased-{}", contact.id.simple()).into(),
        ];
        tx.execute_raw(sql(tx, text, values)).await?;
        self.forget_raw(tx, contact).await
    }

    /// Raw bodies and kept answers in which the contact's address stands.
    async fn forget_raw(
        &self,
        tx: &DatabaseTransaction,
        contact: &contacts::Model,
    ) -> Result<(), StoreError> {
        let alias = contact.alias.as_deref().unwrap_or_default();
        for name in [contact.key.as_str(), alias] {
            // A very short address stands in everybody's bodies; those go by themselves in days.
            if name.len() < 4 {
                continue;
            }
            let webhooks = if self.store.is_postgres() {
                "delete from webhooks where tenant_id = $1 and channel_id = $2
                    and position($3 in body) > 0"
            } else {
                "delete from webhooks where tenant_id = $1 and channel_id = $2
                    and instr(body, $3) > 0"
            };
            let values = [
                self.id.0.into(),
                contact.channel_id.into(),
                name.as_bytes().to_vec().into(),
            ];
            tx.execute_raw(sql(tx, webhooks, values)).await?;
            let text = "delete from idempotency where tenant_id = $1 and response like $2";
            let values = [self.id.0.into(), format!("%{name}%").into()];
            tx.execute_raw(sql(tx, text, values)).await?;
        }
        Ok(())
    }

    /// Whether members can write notes, which are in a table of their own.
    async fn has_notes(&self, tx: &DatabaseTransaction) -> Result<bool, StoreError> {
        let tables = self.store.tenant_tables(tx).await?;
        Ok(tables.iter().any(|t| t == "notes"))
    }
}
