//! Conversations at the desk that were opened twice for one handoff: the answer to the first
//! request was lost, and so was its echo. The one the handoff knows is kept. The other one is
//! closed with a remark as soon as it shows itself, and what agents say in it until then still
//! reaches the contact.

use super::desk::Known;
use super::unit::Unit;
use crate::store::StoreError;
use domain::ids::{ConversationId, HandoffId, TenantId};
use domain::outbound::Task;
use sea_orm::FromQueryResult;
use std::time::Duration;
use uuid::Uuid;

/// For how long after a doubtful opening an unknown conversation is looked at.
const SUSPICION: Duration = Duration::from_secs(2 * 86_400);

/// What a look at an unknown conversation found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrayFound {
    /// The handoff it might belong to.
    pub handoff: HandoffId,
    /// Let's Talk's conversation id.
    pub desk_conversation: i64,
    /// It begins with the handoff's opening message; it was closed.
    pub is_duplicate: bool,
}

#[derive(FromQueryResult)]
pub(super) struct Doubtful {
    pub(super) id: Uuid,
    pub(super) conversation_id: Uuid,
    pub(super) desk_conversation: Option<i64>,
}

impl Unit<'_> {
    /// A request that opens a handoff's conversation may have arrived without our knowing.
    pub(super) async fn doubt_opening(
        &self,
        tenant: TenantId,
        handoff: HandoffId,
    ) -> Result<(), StoreError> {
        let text = "update handoffs set opening_in_doubt = $3
            where tenant_id = $1 and id = $2 and opening_in_doubt is null";
        let values = [tenant.0.into(), handoff.0.into(), self.now.0.into()];
        self.run(text, values).await.map(drop)
    }

    /// Handoffs whose opening was in doubt lately, newest first.
    pub(super) async fn openings_in_doubt(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<Doubtful>, StoreError> {
        let text = "select id, conversation_id, desk_conversation from handoffs
            where tenant_id = $1 and opening_in_doubt > $2 order by opening_in_doubt desc limit 20";
        let since = self.now.before(SUSPICION);
        self.all(text, [tenant.0.into(), since.0.into()]).await
    }

    /// Something happened in a conversation that nobody knows: if an opening was in doubt, its
    /// messages are looked through for ours.
    pub(super) async fn suspect(
        &mut self,
        tenant: TenantId,
        desk_conversation: i64,
    ) -> Result<(), StoreError> {
        for row in self.openings_in_doubt(tenant).await? {
            // Not yet known which one it is: the opening itself looks, and settles it.
            if row.desk_conversation.is_none() {
                continue;
            }
            self.stray(tenant, &row, desk_conversation, "suspected")
                .await?;
        }
        Ok(())
    }

    /// This conversation is the second one of a handoff: it is closed.
    pub(super) async fn duplicate(
        &mut self,
        tenant: TenantId,
        row: &Doubtful,
        desk_conversation: i64,
    ) -> Result<(), StoreError> {
        self.stray(tenant, row, desk_conversation, "duplicate")
            .await?;
        let conversation = ConversationId(row.conversation_id);
        self.replay(tenant, conversation, desk_conversation).await
    }

    /// Remembers it and writes the row that looks and closes, once.
    async fn stray(
        &mut self,
        tenant: TenantId,
        row: &Doubtful,
        desk_conversation: i64,
        verdict: &str,
    ) -> Result<(), StoreError> {
        let text = "insert into desk_strays
                (tenant_id, desk_conversation, handoff_id, conversation_id, verdict, at)
            values ($1, $2, $3, $4, $5, $6) on conflict (tenant_id, desk_conversation, handoff_id) do nothing";
        let values = [
            tenant.0.into(),
            desk_conversation.into(),
            row.id.into(),
            row.conversation_id.into(),
            verdict.into(),
            self.now.0.into(),
        ];
        if self.run(text, values).await?.rows_affected() == 0 {
            return Ok(());
        }
        let conversation = ConversationId(row.conversation_id);
        let Some(thread) = self.thread(tenant, conversation).await? else {
            return Ok(());
        };
        let task = Task::CloseDesk {
            handoff: HandoffId(row.id),
            duplicate: Some(desk_conversation),
        };
        self.task(&thread, task)
    }

    /// A look has told what an unknown conversation is.
    pub(super) async fn stray_found(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        found: &StrayFound,
    ) -> Result<(), StoreError> {
        let verdict = match found.is_duplicate {
            true => "duplicate",
            false => "other",
        };
        let text = "update desk_strays set verdict = $4
            where tenant_id = $1 and desk_conversation = $2 and handoff_id = $3";
        let values = [
            tenant.0.into(),
            found.desk_conversation.into(),
            found.handoff.0.into(),
            verdict.into(),
        ];
        self.run(text, values).await?;
        if found.is_duplicate {
            metrics::counter!("relevo_desk_duplicates_closed_total").increment(1);
            self.replay(tenant, conversation, found.desk_conversation)
                .await?;
        }
        Ok(())
    }

    /// The handoff of which this conversation is the second one.
    pub(super) async fn known_duplicate(
        &self,
        tenant: TenantId,
        desk_conversation: i64,
    ) -> Result<Option<Known>, StoreError> {
        let text = "select handoff_id as id, conversation_id from desk_strays
            where tenant_id = $1 and desk_conversation = $2 and verdict = 'duplicate'";
        self.one(text, [tenant.0.into(), desk_conversation.into()])
            .await
    }
}
