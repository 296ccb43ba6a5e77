//! What the other side took. Its receipt is true whoever has the row by now: it is kept even when the
//! claim was lost, so that whoever is in doubt about the row need not send it again.

use super::outcome::{SentPart, Stored, TryOutcome, TryResult};
use super::statuses::Line;
use super::unit::Unit;
use crate::store::{StoreError, many};
use domain::ids::{ChannelId, ConversationId, MessageId, TenantId};
use domain::outbound::{Claim, Lane, Wakeup};
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The most parts that one statement writes.
const AT_ONCE: usize = 64;

/// A part of a message that the platform took.
#[derive(Clone, Copy)]
pub(super) struct Receipt<'a> {
    pub(super) tenant: TenantId,
    pub(super) message: MessageId,
    pub(super) part: &'a SentPart,
}

/// A message of which the platform told more before we knew its ids, and where it is.
#[derive(FromQueryResult)]
struct Ahead {
    id: Uuid,
    channel_id: Uuid,
    conversation_id: Uuid,
}

impl Unit<'_> {
    /// Parts of the message of a row.
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
        let receipts = parts.iter().map(|part| Receipt {
            tenant,
            message,
            part,
        });
        self.taken(&receipts.collect::<Vec<_>>()).await?;
        self.after.changed.insert((tenant, conversation));
        Ok(())
    }

    /// What the platforms took, of many messages in a few statements. A message that is gone is not
    /// written about. The conversations are locked: news about a message comes before this or after.
    pub(super) async fn taken(&mut self, receipts: &[Receipt<'_>]) -> Result<(), StoreError> {
        let ahead = self.ahead(receipts).await?;
        let mut plain = Vec::with_capacity(receipts.len());
        let mut messages = BTreeSet::new();
        for receipt in receipts {
            let SentPart {
                part,
                identity,
                external_id,
            } = receipt.part;
            if let Some(line) = ahead.get(&receipt.message) {
                let which = (receipt.message, *part);
                self.delivered(*line, which, *identity, external_id).await?;
                continue;
            }
            messages.insert((receipt.tenant, receipt.message));
            plain.push(vec![
                receipt.tenant.0.into(),
                receipt.message.0.into(),
                i64::from(*part).into(),
                (*identity).into(),
                external_id.clone().into(),
            ]);
        }
        // Each part by itself: an insert does not write a row twice, and does not know a set.
        let postgres = self.store.is_postgres();
        for piece in many::pieces(postgres, &plain, AT_ONCE) {
            let (listed, mut values) = many::list(postgres, piece);
            values.push(self.now.0.into());
            let now = values.len();
            let text = format!(
                "with taken(tenant, message, part, identity, external) as ({listed})
                insert into deliveries (tenant_id, message_id, part, channel_id, conversation_id,
                    identity, external_id, status, at, sent_at)
                select m.tenant_id, m.id, w.part, m.channel_id, m.conversation_id, w.identity,
                    w.external, 'sent', ${now}, ${now}
                from taken w join messages m on m.tenant_id = w.tenant and m.id = w.message
                where true
                on conflict (tenant_id, message_id, part) do update set
                    external_id = excluded.external_id,
                    sent_at = coalesce(deliveries.sent_at, excluded.sent_at),
                    status = (case when deliveries.status = 'accepted' then excluded.status
                        else deliveries.status end)"
            );
            self.run(&text, values).await?;
        }
        self.settle(messages.into_iter().map(|whose| (whose, None)))
            .await
    }

    /// Those messages of which something was told under an id that we learn only now.
    async fn ahead(
        &self,
        receipts: &[Receipt<'_>],
    ) -> Result<HashMap<MessageId, Line>, StoreError> {
        let mut found = HashMap::new();
        for receipts in receipts.chunks(AT_ONCE) {
            let rows = receipts.iter().map(|receipt| {
                let external: Value = receipt.part.external_id.clone().into();
                vec![receipt.tenant.0.into(), receipt.message.0.into(), external]
            });
            let (postgres, rows) = (self.store.is_postgres(), rows.collect::<Vec<_>>());
            let (listed, values) = many::set(postgres, Vec::new(), &rows);
            let text = format!(
                "with taken(tenant, message, external) as ({listed})
                select m.id, m.channel_id, m.conversation_id from taken w
                join messages m on m.tenant_id = w.tenant and m.id = w.message
                join parked_updates p on p.tenant_id = m.tenant_id
                    and p.channel_id = m.channel_id and p.external_id = w.external"
            );
            let rows: Vec<Ahead> = self.all(&text, values).await?;
            let tenant_of: HashMap<MessageId, TenantId> =
                receipts.iter().map(|r| (r.message, r.tenant)).collect();
            for row in rows {
                let id = MessageId(row.id);
                if let Some(tenant) = tenant_of.get(&id) {
                    let line = Line {
                        tenant: *tenant,
                        channel: ChannelId(row.channel_id),
                        conversation: ConversationId(row.conversation_id),
                    };
                    found.insert(id, line);
                }
            }
        }
        Ok(found)
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
            and claimed_until is null and next_at + 0 > NOW";
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
