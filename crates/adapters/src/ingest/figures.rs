//! What ingest counts on its way: starts of conversations, repeats, and at the end of a handoff
//! what was said in it. Everything else is counted later from rows that exist anyway.

use super::thread::Thread;
use super::unit::Unit;
use crate::store::StoreError;
use domain::ids::{ChannelId, HandoffId, TenantId};
use domain::message::Author;
use domain::metrics::{Count, Counted, Day, Exchange, Local, Spoken};
use domain::tenant::TenantSettings;
use domain::time::Timestamp;
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// So many messages of a handoff are counted; more are no conversation.
const MOST_MESSAGES: i64 = 10_000;

impl Unit<'_> {
    /// Counts something once, to be appended with the commit.
    pub(crate) fn count(&mut self, what: Counted) {
        *self.after.counted.entry(what).or_default() += 1;
    }

    /// The contact's word starts a conversation.
    pub(crate) fn conversation_started(&mut self, thread: &mut Thread) {
        thread.started_at = Some(self.now);
        let conversation = &thread.conversation;
        let started = Counted::plain(
            conversation.tenant,
            self.day(thread),
            conversation.channel,
            Count::Started,
        );
        self.count(started);
    }

    /// A webhook told us what we knew.
    pub(crate) fn repeated(&mut self, thread: &Thread) {
        let conversation = &thread.conversation;
        let (tenant, channel) = (conversation.tenant, conversation.channel);
        let what = Counted::plain(tenant, self.day(thread), channel, Count::Duplicates);
        self.count(what);
    }

    /// Something of the tenant's desk that has no line of its own.
    pub(crate) async fn count_at_desk(
        &mut self,
        tenant: TenantId,
        what: Count,
    ) -> Result<(), StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            settings: String,
        }
        let text = "select settings from tenants where id = $1";
        let row: Option<Row> = self.one(text, [tenant.0.into()]).await?;
        let settings = row.and_then(|r| serde_json::from_str::<TenantSettings>(&r.settings).ok());
        let zone = settings.unwrap_or_default().hours.time_zone;
        let day = Local::of(&zone, self.now).day;
        self.count(Counted::plain(tenant, day, ChannelId(Uuid::nil()), what));
        Ok(())
    }

    /// The tenant's day.
    pub(crate) fn day(&self, thread: &Thread) -> Day {
        self.local(thread).day
    }

    /// The tenant's day and hour.
    pub(crate) fn local(&self, thread: &Thread) -> Local {
        Local::of(&thread.config.settings.hours.time_zone, self.now)
    }

    /// The day on which the conversation of a new handoff started, if this is its first handoff
    /// since. A handoff before the contact has written starts the conversation itself.
    pub(crate) async fn first_of_conversation(
        &mut self,
        thread: &mut Thread,
    ) -> Result<Option<Day>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {}
        if thread.started_at.is_none() {
            self.conversation_started(thread);
            thread.touch();
        }
        let started = thread.started_at.unwrap_or(self.now);
        let conversation = &thread.conversation;
        let text = "select id from handoffs where tenant_id = $1 and conversation_id = $2
            and requested_at >= $3 limit 1";
        let values = [
            conversation.tenant.0.into(),
            conversation.id.0.into(),
            started.0.into(),
        ];
        let earlier: Option<Row> = self.one(text, values).await?;
        if earlier.is_some() {
            return Ok(None);
        }
        Ok(Some(
            Local::of(&thread.config.settings.hours.time_zone, started).day,
        ))
    }

    /// What was said in a handoff that ends now.
    pub(crate) async fn exchange(
        &self,
        thread: &Thread,
        handoff: HandoffId,
    ) -> Result<Exchange, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            author: String,
            received_at: i64,
        }
        let text = "select m.author, m.received_at from messages m
            join handoffs h on h.tenant_id = m.tenant_id and h.id = m.handoff_id
            where m.tenant_id = $1 and m.conversation_id = $2 and m.handoff_id = $3
              and m.seq > h.requested_seq and m.author in ('contact', 'agent')
            order by m.seq limit $4";
        let conversation = &thread.conversation;
        let values = [
            conversation.tenant.0.into(),
            conversation.id.0.into(),
            handoff.0.into(),
            MOST_MESSAGES.into(),
        ];
        let rows: Vec<Row> = self.all(text, values).await?;
        Ok(Exchange::of(rows.into_iter().map(|row| Spoken {
            author: if row.author == "agent" {
                Author::Agent
            } else {
                Author::Contact
            },
            at: Timestamp(row.received_at),
        })))
    }
}
