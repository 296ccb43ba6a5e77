//! Further parts of messages, made known before they are sent. Lanes that come at the same time share
//! the statement and its commit.

use super::{ConversationRow, Store, StoreError, TenantStore, many, sql};
use crate::together::Together;
use domain::ids::{ChannelId, ConversationId, MessageId, TenantId};
use sea_orm::{ConnectionTrait, Value};

/// A message that goes out in parts.
#[derive(Clone, Copy)]
pub(super) struct InParts {
    tenant: TenantId,
    channel: ChannelId,
    conversation: ConversationId,
    message: MessageId,
    parts: u16,
}

/// Messages whose parts are announced at the same time.
pub(super) type Announcements = Together<InParts, Result<(), StoreError>>;

/// The most rows that one statement writes.
const ROWS: usize = 64;

impl TenantStore {
    /// Makes the identities of a message's further parts known before they are sent, so that the
    /// platform's news about them finds a row whatever happens to us meanwhile.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn announce_parts(
        &self,
        row: &ConversationRow,
        message: MessageId,
        parts: u16,
    ) -> Result<(), StoreError> {
        let message = InParts {
            tenant: self.id,
            channel: row.conversation.channel,
            conversation: row.conversation.id,
            message,
            parts,
        };
        let announce = |all| self.store.announce_all(all);
        self.store.announcements.ask(message, announce).await
    }
}

impl Store {
    async fn announce_all(&self, all: Vec<InParts>) -> Vec<Result<(), StoreError>> {
        // Everybody writes in the same order, so that nobody waits for each other.
        let mut in_order = all.clone();
        in_order.sort_unstable_by_key(|it| (it.tenant, it.message));
        let together = self.announce(&in_order).await;
        let [_, _, ..] = all.as_slice() else {
            return vec![together];
        };
        let mut told = Vec::with_capacity(all.len());
        for message in &all {
            told.push(match &together {
                Ok(()) => Ok(()),
                Err(error @ StoreError::Unavailable(_)) => Err(error.clone()),
                // One of them is refused: it must not cost the others theirs.
                Err(_) => self.announce(std::slice::from_ref(message)).await,
            });
        }
        told
    }

    async fn announce(&self, all: &[InParts]) -> Result<(), StoreError> {
        let (db, now) = (&self.write, self.clock.now().0);
        let rows = all.iter().flat_map(|it| {
            (1..it.parts).map(move |part| {
                vec![
                    it.tenant.0.into(),
                    it.message.0.into(),
                    i64::from(part).into(),
                    it.channel.0.into(),
                    it.conversation.0.into(),
                    it.message.delivery_identity(part).into(),
                    "accepted".into(),
                    now.into(),
                ]
            })
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        for piece in many::pieces(self.is_postgres(), &rows, ROWS) {
            let (listed, values) = many::list(self.is_postgres(), piece);
            let text = format!(
                "insert into deliveries (tenant_id, message_id, part, channel_id, conversation_id,
                    identity, status, at) {listed}
                on conflict (tenant_id, message_id, part) do nothing"
            );
            db.execute_raw(sql(db, &text, values)).await?;
        }
        Ok(())
    }
}
