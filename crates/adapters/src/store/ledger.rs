//! The books: what was accepted must be delivered, refused, failed with a reason, or waiting.
//! Whatever is none of these is lost, and shown as such.
//!
//! Messages and outbox are two books, written by different hands: a message that waits must have
//! a row that carries it, whatever its own status says.

use super::{Store, StoreError, TenantStore, ms, sql};
use domain::ids::TenantId;
use domain::outbound::Lane;
use domain::time::Timestamp;
use sea_orm::FromQueryResult;
use std::time::Duration;
use uuid::Uuid;

/// From whom to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Agents' words and Relevo's own, to the contact.
    ToContact,
    /// The bot's words, to the contact, through the send proxy.
    BotToContact,
    /// The contact's words during a handoff, to the desk.
    ToDesk,
    /// Webhooks, to the bot.
    ToBot,
    /// Signed events, to the bot.
    Events,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ToContact,
        Self::BotToContact,
        Self::ToDesk,
        Self::ToBot,
        Self::Events,
    ];

    /// The name in figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ToContact => "to_contact",
            Self::BotToContact => "bot_to_contact",
            Self::ToDesk => "to_desk",
            Self::ToBot => "to_bot",
            Self::Events => "events",
        }
    }
}

/// One direction of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Owner.
    pub tenant: TenantId,
    /// From whom to whom.
    pub direction: Direction,
    /// What was taken in to be handed on.
    pub accepted: i64,
    /// What the other side took.
    pub delivered: i64,
    /// What did not arrive, with a reason.
    pub failed: i64,
    /// What was kept back on purpose: muted, discarded by a member, returned to the bot.
    pub refused: i64,
    /// What is on its way.
    pub waiting: i64,
}

impl Balance {
    /// What is in none of the columns: lost. Must be 0.
    #[must_use]
    pub fn unaccounted(&self) -> i64 {
        self.accepted - self.delivered - self.failed - self.refused - self.waiting
    }
}

/// Rows of one lane that should have been tried long ago and are in nobody's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The lane.
    pub lane: Lane,
    /// Heads of lanes; what waits behind them is not counted.
    pub rows: i64,
    /// Since when the oldest one should have been tried.
    pub since: Timestamp,
}

#[derive(FromQueryResult)]
struct Columns {
    accepted: i64,
    delivered: Option<i64>,
    failed: Option<i64>,
    refused: Option<i64>,
    waiting: Option<i64>,
}

const TO_CONTACT: &str = "select count(*) as accepted,
    sum(case when m.status in ('sent', 'delivered', 'read') then 1 else 0 end) as delivered,
    sum(case when m.status = 'failed' and m.failure <> '' then 1 else 0 end) as failed,
    sum(case when m.status = 'muted' then 1 else 0 end) as refused,
    sum(case when m.status = 'accepted' and exists (select 1 from outbox o where o.tenant_id = $1
        and o.conversation_id = m.conversation_id and o.lane in (0, 3) and o.state = 'pending'
        and o.message_id = m.id) then 1 else 0 end) as waiting
    from messages m where m.tenant_id = $1 and m.id >= $2 and m.author in ('agent', 'system')";

/// The bot hears the platform's answer itself; until ours is stored it is on its way.
const BOT_TO_CONTACT: &str = "select count(*) as accepted,
    sum(case when m.status in ('sent', 'delivered', 'read') then 1 else 0 end) as delivered,
    sum(case when m.status = 'failed' and m.failure <> '' then 1 else 0 end) as failed,
    sum(case when m.status = 'muted' then 1 else 0 end) as refused,
    sum(case when m.status = 'accepted' then 1 else 0 end) as waiting
    from messages m where m.tenant_id = $1 and m.id >= $2 and m.author = 'bot'";

/// A word by which the contact ends the handoff is for nobody; what the desk never took over went
/// back to the bot.
const TO_DESK: &str = "select count(*) as accepted,
    sum(case when m.status in ('sent', 'delivered', 'read') then 1 else 0 end) as delivered,
    sum(case when m.status = 'failed' and m.failure <> '' then 1 else 0 end) as failed,
    sum(case when m.status = 'accepted' and exists (select 1 from outbox o where o.tenant_id = $1
        and o.conversation_id = m.conversation_id and o.lane = 1 and o.state = 'discarded'
        and o.message_id = m.id) then 1 else 0 end) as refused,
    sum(case when m.status = 'accepted' and exists (select 1 from outbox o where o.tenant_id = $1
        and o.conversation_id = m.conversation_id and o.lane = 1 and o.state = 'pending'
        and o.message_id = m.id) then 1 else 0 end) as waiting
    from messages m join handoffs h on h.tenant_id = m.tenant_id and h.id = m.handoff_id
    where m.tenant_id = $1 and m.id >= $2 and m.author = 'contact' and m.seq > h.requested_seq
      and not (h.end_reason = 'user_ended' and not exists (select 1 from messages l
        where l.tenant_id = $1 and l.conversation_id = m.conversation_id and l.seq > m.seq
          and l.author = 'contact' and l.handoff_id = m.handoff_id))";

const ROWS: &str = "select count(*) as accepted,
    sum(case when state = 'done' then 1 else 0 end) as delivered,
    sum(case when state = 'dead' and error <> '' then 1 else 0 end) as failed,
    sum(case when state = 'discarded' then 1 else 0 end) as refused,
    sum(case when state = 'pending' then 1 else 0 end) as waiting
    from outbox where tenant_id = $1 and created_at >= $2 and lane = ";

impl TenantStore {
    /// The tenant's books since an instant, which should not lie further back than finished work
    /// is kept (8 days).
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn ledger(&self, since: Timestamp) -> Result<Vec<Balance>, StoreError> {
        let mut books = Vec::with_capacity(Direction::ALL.len());
        for direction in Direction::ALL {
            let first = first_id(since).into();
            let (text, from) = match direction {
                Direction::ToContact => (TO_CONTACT.to_owned(), first),
                Direction::BotToContact => (BOT_TO_CONTACT.to_owned(), first),
                Direction::ToDesk => (TO_DESK.to_owned(), first),
                Direction::ToBot => (format!("{ROWS}{}", Lane::Bot.number()), since.0.into()),
                Direction::Events => (format!("{ROWS}{}", Lane::Events.number()), since.0.into()),
            };
            let db = &self.store.read;
            let row = Columns::find_by_statement(sql(db, &text, [self.id.0.into(), from]))
                .one(db)
                .await?
                .ok_or(StoreError::NotFound)?;
            books.push(Balance {
                tenant: self.id,
                direction,
                accepted: row.accepted,
                delivered: row.delivered.unwrap_or(0),
                failed: row.failed.unwrap_or(0),
                refused: row.refused.unwrap_or(0),
                waiting: row.waiting.unwrap_or(0),
            });
        }
        Ok(books)
    }
}

impl Store {
    /// Work that should have been tried more than `late` ago and is in nobody's hands, per lane.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn stuck(&self, late: Duration) -> Result<Vec<Overdue>, StoreError> {
        #[derive(FromQueryResult)]
        struct Row {
            lane: i16,
            number: i64,
            since: i64,
        }
        // New work is due since before it was made.
        let text = "select o.lane, count(*) as number,
                min(case when o.next_at > o.created_at then o.next_at else o.created_at end) as since
            from outbox o
            where o.state = 'pending' and o.next_at < NOW - $1 and o.created_at < NOW - $1
              and (o.claimed_until is null or o.claimed_until < NOW - $1)
              and o.id = (select h.id from outbox h where h.tenant_id = o.tenant_id
                and h.conversation_id = o.conversation_id and h.lane = o.lane
                and h.state = 'pending' order by h.id limit 1)
            group by o.lane order by o.lane";
        let db = &self.read;
        let rows = Row::find_by_statement(self.timed(db, text, [ms(late).into()]))
            .all(db)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Overdue {
                    lane: Lane::from_number(row.lane)
                        .ok_or_else(|| StoreError::corrupt("outbox.lane", row.lane))?,
                    rows: row.number,
                    since: Timestamp(row.since),
                })
            })
            .collect()
    }
}

/// The smallest id that can have been made at an instant: ours begin with the milliseconds since
/// 1970 (UUID version 7), so the key itself tells the time and no further index is needed.
fn first_id(at: Timestamp) -> Uuid {
    let ms = u128::try_from(at.0.max(0)).unwrap_or(0) & 0xffff_ffff_ffff;
    Uuid::from_u128(ms << 80)
}
