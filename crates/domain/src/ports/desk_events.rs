//! What the desk tells by itself: the tenant's realtime subscription, the listing that fills its
//! gaps, and where both are written down.
//!
//! One direction: [`DeskEvents`] hears, [`DeskInbox::record`] stores, and only then the next poll
//! goes out. Whatever the network lost, [`DeskHistory`] lists, through the same `record`.

use crate::desk::{DeskAccount, DeskEvent};
use crate::ids::{HandoffId, TenantId};
use crate::outbound::SendError;
use crate::time::Timestamp;
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How far a subscription was read. Everything up to here is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// PubNub's `t.t` of an answer (never a message's own time): 100 ns ticks since 1970.
    pub timetoken: u64,
    /// PubNub's `t.r`: the data centre that made it; none for a cursor taken from its clock.
    pub region: Option<u32>,
}

impl Cursor {
    /// The instant it stands for.
    #[must_use]
    pub fn at(self) -> Timestamp {
        Timestamp(i64::try_from(self.timetoken / 10_000).unwrap_or(i64::MAX))
    }
}

/// One entry of the stream, or one row of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct RealtimeEvent {
    /// PubNub's channel, e.g. `conversation-686949`; empty where an entry names none. A listed
    /// row carries the channel it would have come on.
    pub channel: String,
    /// PubNub's publish time, unique on its channel: the dedupe key. None for listed rows, which
    /// are recognised by the message id.
    pub timetoken: Option<u64>,
    /// The entry or row as it came, JSON text; holds message texts, so it is stored, not logged.
    pub raw: String,
    /// What it says.
    pub heard: Heard,
}

impl RealtimeEvent {
    /// What makes it the same event when it comes again: channel and timetoken in the stream, the
    /// message id in a listing, the text itself where neither is known. A message that came by
    /// both ways has two keys: its message id must be unique besides.
    #[must_use]
    pub fn dedupe_key(&self) -> String {
        match (self.timetoken, &self.heard) {
            (Some(timetoken), _) => format!("t:{timetoken}:{}", self.channel),
            (None, Heard::Event(DeskEvent::Message(message))) => format!("m:{}", message.id),
            (None, _) => format!("x:{}", hex::encode(Sha256::digest(self.raw.as_bytes()))),
        }
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// It could be read.
    Event(DeskEvent),
    /// It could not: to be stored raw, counted and shown.
    Poison {
        /// Which part is missing or odd.
        why: &'static str,
    },
}

/// One answer of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// To be stored together with the events.
    pub cursor: Cursor,
    /// In PubNub's order; empty when nothing happened (about every 280 s).
    pub events: Vec<RealtimeEvent>,
}

impl Batch {
    /// What PubNub keeps for a subscriber that reads on; an answer of this size may be the rest of
    /// something bigger.
    pub const QUEUE: usize = 100;

    /// The same for a subscriber that was away. How much is kept is a setting of the keyset that
    /// nobody can read; what piled up in an absence is taken for cut off from here on, because
    /// listing a few conversations for nothing is cheap and a lost message is not.
    pub const QUEUE_AT_LEAST: usize = 10;

    /// Whether older entries may have fallen out of PubNub's queue. `away`: nobody was reading
    /// when they came.
    #[must_use]
    pub fn may_have_overflowed(&self, away: bool) -> bool {
        let kept = if away {
            Self::QUEUE_AT_LEAST
        } else {
            Self::QUEUE
        };
        self.events.len() >= kept
    }
}

/// What a failed poll means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollFailure {
    /// The keys or permissions are wrong; only a person can change that.
    Refused {
        /// The refusal names a channel group: the plain channels may still work.
        group: bool,
    },
    /// The request was called wrong (400): with groups, most likely an empty or unknown group.
    Rejected,
    /// Network, 429, 5xx, an answer that is no JSON: try again.
    Down,
}

/// A poll that brought no answer. The cursor stays where it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct PollError {
    /// What to do about it.
    pub failure: PollFailure,
    /// The other side's own word on when to come back.
    pub retry_after: Option<Duration>,
    /// For people and logs: no keys, no addresses.
    pub detail: String,
}

/// Opens subscriptions.
#[async_trait]
pub trait DeskEvents: Send + Sync {
    /// The stream's own clock: the cursor of a first start. Taken before the first poll, because
    /// a poll without a cursor forgets what came before its answer.
    ///
    /// # Errors
    /// See [`PollError`].
    async fn now(&self, account: &DeskAccount) -> Result<Cursor, PollError>;

    /// Reads on from `from`; `groups` asks for the channel groups besides the plain channels.
    ///
    /// # Errors
    /// When no request can be built from the account.
    fn subscribe(
        &self,
        account: &DeskAccount,
        from: Cursor,
        groups: bool,
    ) -> Result<Box<dyn Subscription>, PollError>;
}

/// One open subscription: a pull stream, nothing runs between two calls.
#[async_trait]
pub trait Subscription: Send {
    /// Waits for the next answer. May be dropped and called again: the poll in flight goes on.
    ///
    /// # Errors
    /// See [`PollError`]; calling again polls again from the same cursor.
    async fn next(&mut self) -> Result<Batch, PollError>;
}

/// Lists what the stream may have lost.
#[async_trait]
pub trait DeskHistory: Send + Sync {
    /// Everything said in a conversation after message `after` (or its newest page), oldest
    /// first, asked with the agent's key.
    ///
    /// # Errors
    /// See [`SendError`].
    async fn listed_after(
        &self,
        account: &DeskAccount,
        conversation: i64,
        after: Option<i64>,
    ) -> Result<Vec<RealtimeEvent>, SendError>;
}

/// A tenant that should be subscribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DesiredSubscription {
    /// Whose.
    pub tenant: TenantId,
    /// Grows with every change of the desk's settings or keys: a change restarts the subscription.
    pub version: i64,
}

/// An open handoff at the desk, for the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenConversation {
    /// The handoff.
    pub handoff: HandoffId,
    /// Let's Talk's conversation id.
    pub desk_conversation: i64,
    /// The newest desk message that is stored.
    pub last_desk_message: Option<i64>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Seen for the first time.
    pub new: usize,
    /// Known already: same channel and timetoken, or same message id.
    pub repeated: usize,
}

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Not answered yet.
    #[default]
    Starting,
    /// The last poll was answered.
    Connected,
    /// The last poll failed; being tried again.
    Retrying,
    /// Keys or permissions are refused; tried again slowly.
    Refused,
    /// Given back, on shutdown or because the desk was removed.
    Stopped,
}

impl SubscriptionState {
    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Connected => "connected",
            Self::Retrying => "retrying",
            Self::Refused => "refused",
            Self::Stopped => "stopped",
        }
    }
}

/// The health of a tenant's subscription, for the settings page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionHealth {
    /// Where it stands.
    pub state: SubscriptionState,
    /// Answered without interruption since.
    pub connected_since: Option<Timestamp>,
    /// The last answer, empty ones included; older than 340 s is an alarm.
    pub last_answer: Option<Timestamp>,
    /// The last answer that held something.
    pub last_event: Option<Timestamp>,
    /// The last thing that went wrong.
    pub last_error: Option<String>,
    /// Whether the channel groups are subscribed too (false after PubNub refused them).
    pub groups: bool,
    /// Messages that only the listing brought, since the subscription started.
    pub gaps_repaired: u64,
}

/// Why something could not be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboxError {
    /// Somebody with a newer lease writes now: stop.
    #[error("the lease was lost")]
    Fenced,
    /// The database is out of reach: try again, nothing was stored.
    #[error("store: {0}")]
    Unavailable(String),
}

/// Where what was heard is written down. `fence` is the lease's number: a write with an older one
/// than the last is refused.
#[async_trait]
pub trait DeskInbox: Send + Sync {
    /// All tenants with a desk, of every worker.
    ///
    /// # Errors
    /// See [`InboxError`].
    async fn desired(&self) -> Result<Vec<DesiredSubscription>, InboxError>;

    /// The desk with open keys; none if it was removed meanwhile.
    ///
    /// # Errors
    /// See [`InboxError`].
    async fn account(&self, tenant: TenantId) -> Result<Option<DeskAccount>, InboxError>;

    /// How far it was read; none before the first start.
    ///
    /// # Errors
    /// See [`InboxError`].
    async fn cursor(&self, tenant: TenantId) -> Result<Option<Cursor>, InboxError>;

    /// Stores events in their order and moves the cursor, in ONE transaction, durable when it
    /// returns. Events known already (channel and timetoken, or message id) are counted and
    /// change nothing. Without a cursor it stays where it is (listed rows).
    ///
    /// # Errors
    /// See [`InboxError`]; nothing of the batch is stored then.
    async fn record(
        &self,
        tenant: TenantId,
        fence: i64,
        events: &[RealtimeEvent],
        cursor: Option<Cursor>,
    ) -> Result<Recorded, InboxError>;

    /// Shows the health; losing one does no harm.
    ///
    /// # Errors
    /// See [`InboxError`].
    async fn report(&self, tenant: TenantId, health: &SubscriptionHealth)
    -> Result<(), InboxError>;

    /// The tenant's conversations that are open at the desk.
    ///
    /// # Errors
    /// See [`InboxError`].
    async fn open_conversations(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<OpenConversation>, InboxError>;
}
