//! News about what we sent: statuses never go back, and news may come before our own request's
//! answer.

use super::newcomers::names;
use super::parts::{PARTS, Part};
use super::thread::Thread;
use super::unit::Unit;
use super::write::Table;
use crate::store::{StoreError, called};
use domain::channel::Channel;
use domain::contact::ContactAddress;
use domain::ids::{ChannelId, ConversationId, MessageId, TenantId};
use domain::message::{DeliveryStatus, DeliveryTarget, DeliveryUpdate};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// One piece of news from a webhook.
pub(crate) struct News<'a> {
    pub(crate) update: &'a DeliveryUpdate,
    pub(crate) address: &'a ContactAddress,
    pub(crate) pointer: &'a str,
}

/// Where a message is.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) tenant: TenantId,
    pub(super) channel: ChannelId,
    pub(super) conversation: ConversationId,
}

impl From<&Thread> for Line {
    fn from(thread: &Thread) -> Self {
        Self {
            tenant: thread.conversation.tenant,
            channel: thread.conversation.channel,
            conversation: thread.conversation.id,
        }
    }
}

impl Unit<'_> {
    /// Applies news; the answer is what the bot should hear of: news about its own messages.
    pub(crate) async fn statuses(
        &mut self,
        channel: &Channel,
        news: &[News<'_>],
    ) -> Result<Vec<(ConversationId, String)>, StoreError> {
        let mut heard = Vec::new();
        for item in news {
            let parts = self.parts_of(channel, item).await?;
            if parts.is_empty() {
                self.park(channel, item.update);
                // Not one of ours: then the bot's own, past the send proxy.
                if let Some(conversation) = self.conversation_of(channel, item.address).await? {
                    heard.push((conversation, item.pointer.to_owned()));
                }
            }
            for part in parts {
                self.advance(channel, &part, item.update);
                if part.author == "bot" {
                    heard.push((
                        ConversationId(part.conversation_id),
                        item.pointer.to_owned(),
                    ));
                }
            }
        }
        heard.dedup();
        Ok(heard)
    }

    async fn conversation_of(
        &self,
        channel: &Channel,
        address: &ContactAddress,
    ) -> Result<Option<ConversationId>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let topic = address.thread.as_deref().unwrap_or_default();
        let whom = (channel.id, address.key.as_str(), topic);
        if let Some(thread) = self.after.shelf.of_contact(channel.tenant, whom) {
            return Ok(Some(thread.conversation.id));
        }
        let names = names(channel.id, address);
        if names.iter().all(|name| self.after.shelf.is_nobody(name)) {
            return Ok(None);
        }
        let text = format!(
            "select v.id from conversations v join contacts c
            on c.tenant_id = v.tenant_id and c.id = v.contact_id where v.tenant_id = $1 and {}
            order by (case when c.key = $3 then 0 else 1 end) limit 1",
            called(&["$3", "$4"], &["$3", "$4"])
        );
        let other = address.alias.as_ref().unwrap_or(&address.key);
        let values = [
            channel.tenant.0.into(),
            channel.id.0.into(),
            address.key.clone().into(),
            other.clone().into(),
        ];
        let row: Option<Row> = self.one(&text, values).await?;
        Ok(row.map(|r| ConversationId(r.id)))
    }

    async fn parts_of(
        &mut self,
        channel: &Channel,
        item: &News<'_>,
    ) -> Result<Vec<Part>, StoreError> {
        let tenant = channel.tenant.0;
        match &item.update.which {
            DeliveryTarget::External { id, identity } => {
                let parts = match self.after.shelf.parts(channel.id, id) {
                    Some(parts) => parts,
                    None => {
                        let text = format!("{PARTS} (d.channel_id = $2 and d.external_id = $3)");
                        let values = [tenant.into(), channel.id.0.into(), id.clone().into()];
                        self.all(&text, values).await?
                    }
                };
                match identity {
                    Some(identity) if parts.is_empty() => {
                        // Our request's answer is not stored yet: the platform tells its id here.
                        let text = "update deliveries set external_id = $3
                            where tenant_id = $1 and identity = $2 and external_id is null";
                        let first = self
                            .run(text, [tenant.into(), (*identity).into(), id.clone().into()])
                            .await?;
                        let text = format!("{PARTS} d.identity = $2");
                        let parts: Vec<Part> =
                            self.all(&text, [tenant.into(), (*identity).into()]).await?;
                        if let (1.., Some(part)) = (first.rows_affected(), parts.first()) {
                            let (of, id) = (part.conversation_id, part.message_id);
                            self.doubt_ends(channel.tenant, ConversationId(of), MessageId(id))
                                .await?;
                        }
                        Ok(parts)
                    }
                    _ => Ok(parts),
                }
            }
            DeliveryTarget::UpTo(at) => {
                let text = format!(
                    "{PARTS} d.at <= $4 and d.status in ('sent', 'delivered') and d.conversation_id =
                     (select v.id from conversations v join contacts c
                        on c.tenant_id = v.tenant_id and c.id = v.contact_id
                      where v.tenant_id = $1 and c.channel_id = $2 and c.key = $3 and c.thread = '')"
                );
                let key = item.address.key.clone();
                self.all(
                    &text,
                    [tenant.into(), channel.id.0.into(), key.into(), at.0.into()],
                )
                .await
            }
        }
    }

    /// Keeps news about a message whose id we do not know yet.
    fn park(&self, channel: &Channel, news: &DeliveryUpdate) {
        let DeliveryTarget::External { id, .. } = &news.which else {
            return;
        };
        let row = vec![
            channel.tenant.0.into(),
            channel.id.0.into(),
            id.clone().into(),
            news.status.name().into(),
            news.failure.clone().into(),
            self.now.0.into(),
        ];
        self.later(Table::Parked, row);
    }

    /// A part was taken by the platform under this id; parked news about it takes effect.
    pub(super) async fn delivered(
        &mut self,
        line: Line,
        (message, part): (MessageId, u16),
        identity: Uuid,
        external_id: &str,
    ) -> Result<(), StoreError> {
        #[derive(FromQueryResult)]
        struct Parked {
            status: String,
            failure: Option<String>,
        }
        let text = "delete from parked_updates where tenant_id = $1 and channel_id = $2 and external_id = $3
            returning status, failure";
        let key = [
            line.tenant.0.into(),
            line.channel.0.into(),
            external_id.into(),
        ];
        let parked: Vec<Parked> = self.all(text, key).await?;
        let mut status = DeliveryStatus::Sent;
        let mut failure = None;
        if !parked.is_empty() {
            // The part may be further already, by news that carried our identity.
            let text = "select status, null as failure from deliveries
                where tenant_id = $1 and message_id = $2 and part = $3";
            let key = [
                line.tenant.0.into(),
                message.0.into(),
                i64::from(part).into(),
            ];
            let known: Option<Parked> = self.one(text, key).await?;
            let known = known.and_then(|row| DeliveryStatus::from_name(&row.status));
            status = known.unwrap_or_default().merged(status);
        }
        let told = !parked.is_empty();
        for news in parked {
            status = status.merged(DeliveryStatus::from_name(&news.status).unwrap_or_default());
            failure = failure.or(news.failure);
        }
        let text = "insert into deliveries (tenant_id, message_id, part, channel_id, conversation_id, identity,
                external_id, status, at, sent_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
            on conflict (tenant_id, message_id, part) do update set external_id = excluded.external_id,
                sent_at = coalesce(deliveries.sent_at, excluded.sent_at),
                status = (case when $10 or deliveries.status = 'accepted' then excluded.status
                    else deliveries.status end)";
        let values = [
            line.tenant.0.into(),
            message.0.into(),
            i64::from(part).into(),
            line.channel.0.into(),
            line.conversation.0.into(),
            identity.into(),
            external_id.into(),
            status.name().into(),
            self.now.0.into(),
            told.into(),
        ];
        self.run(text, values).await?;
        let settled = ((line.tenant, message), failure);
        self.settle(std::iter::once(settled)).await
    }

    /// Sets the status of a message as a whole.
    pub(crate) async fn set_status(
        &mut self,
        thread: &mut Thread,
        message: MessageId,
        status: DeliveryStatus,
        failure: Option<&str>,
    ) -> Result<(), StoreError> {
        let text = "update messages set status = $3, failure = $4 where tenant_id = $1 and id = $2";
        let tenant = thread.conversation.tenant;
        let values = [
            tenant.0.into(),
            message.0.into(),
            status.name().into(),
            failure.map(str::to_owned).into(),
        ];
        self.run(text, values).await?;
        self.after.changed.insert((tenant, thread.conversation.id));
        Ok(())
    }
}
