//! Where what the desk tells is written down: the subscription's side of the store.

use crate::accounts::{AccountError, Accounts};
use crate::ingest::{DeskBatch, Ingest, IngestError, Outcome, Submission};
use crate::store::entity::desks;
use crate::store::{Store, StoreError, sql};
use async_trait::async_trait;
use domain::desk::DeskAccount;
use domain::ids::{ConversationId, HandoffId, TenantId};
use domain::ports::{
    Cursor, DesiredSubscription, DeskInbox, InboxError, OpenConversation, RealtimeEvent, Recorded,
    SubscriptionHealth,
};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};
use tokio::sync::mpsc;
use uuid::Uuid;

/// The subscription's side of the store.
#[derive(Clone)]
pub struct Inbox {
    store: Store,
    ingest: Ingest,
    accounts: Accounts,
    typing: mpsc::Sender<(TenantId, ConversationId)>,
}

impl Inbox {
    /// Over the store, the one way into conversations, and the opened desks; `typing` hears in
    /// which conversations an agent types.
    #[must_use]
    pub fn new(
        store: Store,
        ingest: Ingest,
        accounts: Accounts,
        typing: mpsc::Sender<(TenantId, ConversationId)>,
    ) -> Self {
        Self {
            store,
            ingest,
            accounts,
            typing,
        }
    }
}

fn unavailable(error: impl ToString) -> InboxError {
    InboxError::Unavailable(error.to_string())
}

#[async_trait]
impl DeskInbox for Inbox {
    async fn desired(&self) -> Result<Vec<DesiredSubscription>, InboxError> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: Uuid,
            version: i64,
        }
        let db = &self.store.read;
        let rows = Row::find_by_statement(sql(db, "select tenant_id, version from desks", []))
            .all(db)
            .await
            .map_err(unavailable)?;
        Ok(rows
            .into_iter()
            .map(|r| DesiredSubscription {
                tenant: TenantId(r.tenant_id),
                version: r.version,
            })
            .collect())
    }

    async fn account(&self, tenant: TenantId) -> Result<Option<DeskAccount>, InboxError> {
        match self.accounts.desk(tenant).await {
            Ok(account) => Ok(Some((*account).clone())),
            Err(AccountError::Missing) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn cursor(&self, tenant: TenantId) -> Result<Option<Cursor>, InboxError> {
        let row = desks::Entity::find_by_id(tenant.0)
            .one(&self.store.read)
            .await
            .map_err(unavailable)?;
        Ok(row.and_then(|row| {
            let timetoken = row.timetoken?.parse().ok()?;
            Some(Cursor {
                timetoken,
                region: row.region.and_then(|r| r.parse().ok()),
            })
        }))
    }

    async fn record(
        &self,
        tenant: TenantId,
        fence: i64,
        events: &[RealtimeEvent],
        cursor: Option<Cursor>,
    ) -> Result<Recorded, InboxError> {
        let batch = DeskBatch {
            tenant,
            events: events.to_vec(),
            cursor,
            fence,
        };
        match self.ingest.submit(Submission::Desk(batch)).await {
            Ok(Outcome::Desk(outcome)) => {
                for conversation in outcome.typing {
                    // Full: whoever shows them is behind, and a late sign is worth nothing.
                    let _ = self.typing.try_send((tenant, conversation));
                }
                Ok(Recorded {
                    new: outcome.new,
                    repeated: outcome.repeated,
                })
            }
            Ok(_) => Err(unavailable("unexpected outcome")),
            Err(IngestError::Store(StoreError::Stale)) => Err(InboxError::Fenced),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn report(
        &self,
        tenant: TenantId,
        health: &SubscriptionHealth,
    ) -> Result<(), InboxError> {
        let document = serde_json::json!({
            "state": health.state.name(),
            "connected_since": health.connected_since,
            "last_answer": health.last_answer,
            "last_event": health.last_event,
            "last_error": health.last_error,
            "groups": health.groups,
            "gaps_repaired": health.gaps_repaired,
        });
        let db = &self.store.write;
        let text = "update desks set health = $2 where tenant_id = $1";
        db.execute_raw(sql(
            db,
            text,
            [tenant.0.into(), document.to_string().into()],
        ))
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn open_conversations(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<OpenConversation>, InboxError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
            desk_conversation: i64,
            last_desk_message: i64,
        }
        let db = &self.store.read;
        let text = "select id, desk_conversation, last_desk_message from handoffs
            where tenant_id = $1 and ended_at is null and desk_conversation is not null
            order by requested_at";
        let rows = Row::find_by_statement(sql(db, text, [tenant.0.into()]))
            .all(db)
            .await
            .map_err(unavailable)?;
        Ok(rows
            .into_iter()
            .map(|r| OpenConversation {
                handoff: HandoffId(r.id),
                desk_conversation: r.desk_conversation,
                last_desk_message: Some(r.last_desk_message).filter(|id| *id > 0),
            })
            .collect())
    }
}
