//! How far the parts of messages got, as news tells it: merged in memory, written together, and what
//! that makes of their messages.

use super::unit::Unit;
use super::write::Write;
use crate::store::{StoreError, many};
use domain::channel::Channel;
use domain::ids::{ConversationId, MessageId, TenantId};
use domain::message::{DeliveryStatus, DeliveryTarget, DeliveryUpdate};
use domain::time::Timestamp;
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// A part that a platform knows.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Part {
    pub(super) message_id: Uuid,
    pub(super) part: i64,
    pub(super) conversation_id: Uuid,
    pub(super) status: String,
    pub(super) author: String,
}

/// Beginning of a statement that reads them, of the tenant `$1`.
pub(super) const PARTS: &str = "select d.message_id, d.part, d.conversation_id, d.status, m.author
    from deliveries d join messages m on m.tenant_id = d.tenant_id and m.id = d.message_id
    where d.tenant_id = $1 and ";

/// The same with what the platform calls it.
#[derive(FromQueryResult)]
pub(super) struct KnownPart {
    pub(super) channel_id: Uuid,
    pub(super) external_id: String,
    message_id: Uuid,
    part: i64,
    conversation_id: Uuid,
    status: String,
    author: String,
}

impl KnownPart {
    /// Beginning of a statement that reads them.
    pub(super) const SELECT: &'static str = "select d.channel_id, d.external_id, d.message_id, d.part,
        d.conversation_id, d.status, m.author
        from deliveries d join messages m on m.tenant_id = d.tenant_id and m.id = d.message_id where ";

    pub(super) fn plain(self) -> Part {
        Part {
            message_id: self.message_id,
            part: self.part,
            conversation_id: self.conversation_id,
            status: self.status,
            author: self.author,
        }
    }
}

/// How far a part got, as [`DeliveryStatus::merged`] orders it.
macro_rules! rank {
    ($of:literal) => {
        concat!(
            "(case ",
            $of,
            " when 'muted' then 5 when 'read' then 4 when 'delivered' then 3 when 'failed' then 2
                when 'sent' then 1 else 0 end)"
        )
    };
}

/// What was told of a part in a transaction.
#[derive(Debug, Default)]
struct Told {
    status: DeliveryStatus,
    sent_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    read_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    failure: Option<String>,
}

/// What was told of parts and is not written yet.
#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<BTreeMap<(TenantId, MessageId, i64), Told>>);

impl Progress {
    fn told(&self) -> MutexGuard<'_, BTreeMap<(TenantId, MessageId, i64), Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told().is_empty()
    }
}

impl Unit<'_> {
    /// A part got as far as the news says, if that is further than it was.
    pub(super) fn advance(&mut self, channel: &Channel, part: &Part, news: &DeliveryUpdate) {
        let known = DeliveryStatus::from_name(&part.status).unwrap_or_default();
        let merged = known.merged(news.status);
        if merged == known {
            return;
        }
        let (tenant, message) = (channel.tenant, MessageId(part.message_id));
        let mut all = self.after.progress.told();
        let told = all.entry((tenant, message, part.part)).or_default();
        told.status = merged;
        // Our own clock: the platforms tell whole seconds.
        let now = Some(self.now);
        match merged {
            DeliveryStatus::Delivered => told.delivered_at = now,
            DeliveryStatus::Read => told.read_at = now,
            DeliveryStatus::Failed => told.failed_at = now,
            _ => told.sent_at = told.sent_at.or(now),
        }
        told.failure = news.failure.clone().or(told.failure.take());
        drop(all);
        match &news.which {
            DeliveryTarget::External { id, .. } => {
                let which = (message.0, part.part);
                let laid = (channel.id, id.as_str());
                self.after.shelf.advance(laid, which, merged);
            }
            DeliveryTarget::UpTo(_) => self.after.shelf.forget_parts(),
        }
        let whose = (tenant, ConversationId(part.conversation_id));
        self.tell_news(whose, message, part.part, merged.name());
        self.after.changed.insert(whose);
    }

    /// Writes what was told of parts; what else is to be written of them and their messages is.
    pub(super) async fn write_progress(&self) -> Result<(), StoreError> {
        let told = std::mem::take(&mut *self.after.progress.told());
        if told.is_empty() {
            return Ok(());
        }
        let rows = told.iter().map(|((tenant, message, part), told)| {
            let at = |at: Option<Timestamp>| Value::from(at.map(|at| at.0));
            vec![
                tenant.0.into(),
                message.0.into(),
                (*part).into(),
                told.status.name().into(),
                at(told.sent_at),
                at(told.delivered_at),
                at(told.read_at),
                at(told.failed_at),
            ]
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        let writes = rows.chunks(self.rows()).map(|rows| -> Write {
            let (listed, values) = many::set(self.store.is_postgres(), Vec::new(), rows);
            // Whom the news is about may be called otherwise than their conversation's contact, which
            // is then not locked: another may have told more meanwhile.
            let further = concat!(rank!("told.status"), " > ", rank!("deliveries.status"));
            let text = format!(
                "with told(tenant, message, part, status, sent, delivered, seen, failed) as ({listed})
                update deliveries set
                    status = (case when {further} then told.status else deliveries.status end),
                    sent_at = coalesce(deliveries.sent_at, told.sent),
                    delivered_at = coalesce(told.delivered, deliveries.delivered_at),
                    read_at = coalesce(told.seen, deliveries.read_at),
                    failed_at = coalesce(told.failed, deliveries.failed_at)
                from told where deliveries.tenant_id = told.tenant
                  and deliveries.message_id = told.message and deliveries.part = told.part"
            );
            (text, values)
        });
        self.perform(writes.collect()).await?;
        let mut messages: BTreeMap<(TenantId, MessageId), Option<String>> = BTreeMap::new();
        for ((tenant, message, _), told) in told {
            let failure = messages.entry((tenant, message)).or_default();
            *failure = failure.take().or(told.failure);
        }
        self.perform(self.settled(messages.into_iter())).await
    }

    /// A message is as far as the least of its parts, and failed if one failed, for the reason given.
    /// Parts that were never sent, because the message was given up, do not make it wait again.
    pub(super) async fn settle(
        &self,
        messages: impl Iterator<Item = ((TenantId, MessageId), Option<String>)>,
    ) -> Result<(), StoreError> {
        for (text, values) in self.settled(messages) {
            self.run(&text, values).await?;
        }
        Ok(())
    }

    fn settled(
        &self,
        messages: impl Iterator<Item = ((TenantId, MessageId), Option<String>)>,
    ) -> Vec<Write> {
        let rows = messages.map(|((tenant, message), failure)| {
            vec![Value::from(tenant.0), message.0.into(), failure.into()]
        });
        let rows: Vec<Vec<Value>> = rows.collect();
        let writes = rows.chunks(self.rows()).map(|rows| {
            let (listed, values) = many::set(self.store.is_postgres(), Vec::new(), rows);
            // A platform may say that it failed and not why: the books want a reason all the same.
            let text = format!(
                "with told(tenant, message, failure) as ({listed})
                update messages set status = case least.rank when 0 then 'failed'
                        when 1 then 'accepted' when 2 then 'sent' when 3 then 'delivered' else 'read' end,
                    failure = case when least.rank = 0
                        then coalesce(least.failure, messages.failure, 'unsaid') else messages.failure end
                from (select d.tenant_id, d.message_id, max(told.failure) as failure,
                        min(case d.status when 'failed' then 0
                        when 'accepted' then 1 when 'sent' then 2 when 'delivered' then 3 else 4 end) as rank
                    from told join deliveries d on d.tenant_id = told.tenant and d.message_id = told.message
                    where d.status in ('failed', 'accepted', 'sent', 'delivered', 'read')
                    group by d.tenant_id, d.message_id) as least
                where messages.tenant_id = least.tenant_id and messages.id = least.message_id
                  and messages.status <> 'muted'
                  and (least.rank <> 1 or messages.status = 'accepted')"
            );
            (text, values)
        });
        writes.collect()
    }
}
