//! What the other side took. Its receipt is true whoever has the row by now: it is kept even when the
//! claim was lost, so that whoever is in doubt about the row need not send it again.

use super::outcome::{SentPart, Stored, TryOutcome, TryResult};
use super::unit::Unit;
use crate::store::StoreError;
use domain::ids::{ConversationId, MessageId, TenantId};
use domain::outbound::{Claim, Lane, Wakeup};

impl Unit<'_> {
    /// Parts of a message that the platform took.
    pub(super) async fn parts(
        &mut self,
        claim: &Claim,
        parts: &[SentPart],
    ) -> Result<(), StoreError> {
        let (Some(message), false) = (claim.task.message(), parts.is_empty()) else {
            return Ok(());
        };
        let Wakeup {
            tenant,
            conversation,
            ..
        } = claim.wakeup;
        let Some(thread) = self.thread(tenant, conversation).await? else {
            return Ok(());
        };
        for part in parts {
            self.delivered(
                &thread,
                message,
                part.part,
                part.identity,
                &part.external_id,
            )
            .await?;
        }
        self.after.changed.insert((tenant, conversation));
        Ok(())
    }

    /// A result that comes after its claim was lost: the row is somebody else's, what was taken is
    /// written down. Always answers `false`.
    pub(super) async fn too_late(&mut self, tried: &TryOutcome) -> Result<bool, StoreError> {
        let claim = &tried.claim;
        tracing::warn!(tenant = %claim.wakeup.tenant, row = %claim.id, "a claim was lost before its result");
        metrics::counter!("relevo_claims_lost_total").increment(1);
        let (parts, opened) = match &tried.result {
            TryResult::Done(Stored { parts, opened, .. }) => (parts, opened.as_ref()),
            TryResult::Later { parts, .. } | TryResult::Dead { parts, .. } => (parts, None),
        };
        self.parts(claim, parts).await?;
        let Wakeup {
            tenant,
            conversation,
            ..
        } = claim.wakeup;
        if let (Some(message), false) = (claim.task.message(), parts.is_empty()) {
            self.doubt_ends(tenant, conversation, message).await?;
        }
        if let Some(opened) = opened {
            let (handoff, id) = (opened.handoff, opened.desk_conversation);
            self.opened(tenant, conversation, handoff, id).await?;
        }
        Ok(false)
    }

    /// A row that waits to hear what became of an earlier try has heard: it need not wait longer.
    pub(super) async fn doubt_ends(
        &mut self,
        tenant: TenantId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<(), StoreError> {
        let lane = Lane::Channel;
        let text = "update outbox set next_at = NOW where tenant_id = $1 and conversation_id = $2
            and lane = $3 and message_id = $4 and state = 'pending' and ambiguous
            and claimed_until is null and next_at > NOW";
        let values = [
            tenant.0.into(),
            conversation.0.into(),
            lane.number().into(),
            message.0.into(),
        ];
        if self.run(text, values).await?.rows_affected() > 0 {
            self.after.wake.insert(Wakeup {
                tenant,
                conversation,
                lane,
            });
        }
        Ok(())
    }
}
