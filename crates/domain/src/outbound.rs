//! Outbound work: what waits in the outbox, in which lane, and how a try ends.

use crate::handoff::{DeskNote, EndReason};
use crate::ids::{ConversationId, HandoffId, MessageId, OutboxId, TenantId, WebhookId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The ordered queues of one conversation. Rows of one lane go out one after the other, oldest
/// first; lanes do not wait for each other, so that a desk that is down does not hold back
/// what the contact is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// Towards the contact.
    Channel,
    /// Towards Let's Talk.
    Desk,
    /// Forwarded webhooks, towards the bot.
    Bot,
    /// Signed webhooks about handoffs, towards the bot; retried for days.
    Events,
    /// Files to fetch from the platform.
    Media,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Channel,
        Self::Desk,
        Self::Bot,
        Self::Events,
        Self::Media,
    ];

    /// The stored number.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::Channel => 0,
            Self::Desk => 1,
            Self::Bot => 2,
            Self::Events => 3,
            Self::Media => 4,
        }
    }

    /// From the stored number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.number() == number)
    }
}

/// One piece of outbound work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Task {
    /// Lane channel: say this stored message to the contact.
    SendToContact {
        /// The message.
        message: MessageId,
    },
    /// Lane desk: create or get the client, create the conversation, assign the group.
    OpenDesk {
        /// The handoff.
        handoff: HandoffId,
    },
    /// Lane desk: post this stored message.
    PostToDesk {
        /// The handoff.
        handoff: HandoffId,
        /// The message.
        message: MessageId,
    },
    /// Lane desk: tell the agents something.
    NoteToDesk {
        /// The handoff.
        handoff: HandoffId,
        /// What.
        note: StoredNote,
    },
    /// Lane desk: assign the conversation to a group of agents.
    AssignGroup {
        /// The handoff.
        handoff: HandoffId,
        /// Let's Talk's `group_id`.
        group: i64,
    },
    /// Lane desk: close the conversation there.
    CloseDesk {
        /// The handoff.
        handoff: HandoffId,
        /// Not the handoff's own conversation but this one, if it turns out to begin with the
        /// handoff's opening message: it was opened twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duplicate: Option<i64>,
    },
    /// Lane bot: hand over a webhook as it came.
    ForwardWebhook {
        /// The stored body and headers.
        webhook: WebhookId,
        /// The contact's message in it, if it is one.
        message: Option<MessageId>,
    },
    /// Lane bot: hand over a made-up message so that the bot's flow restarts.
    SyntheticToBot {
        /// E.g. `/start`.
        text: String,
    },
    /// Lane events: a signed webhook about a handoff.
    BotEvent {
        /// `handoff.requested`, `handoff.accepted`, `handoff.ended`, `message.agent`.
        event: String,
        /// The handoff.
        handoff: HandoffId,
        /// The agent's message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
        /// Why it ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<EndReason>,
    },
    /// Lane media: fetch the message's file into the file store.
    FetchMedia {
        /// The message.
        message: MessageId,
    },
    /// Lane media: ask the platform for the contact's name. Never fails: without a name the
    /// conversation goes on.
    LearnName {},
}

impl Task {
    /// The lane it waits in.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Self::SendToContact { .. } => Lane::Channel,
            Self::OpenDesk { .. }
            | Self::PostToDesk { .. }
            | Self::NoteToDesk { .. }
            | Self::AssignGroup { .. }
            | Self::CloseDesk { .. } => Lane::Desk,
            Self::ForwardWebhook { .. } | Self::SyntheticToBot { .. } => Lane::Bot,
            Self::BotEvent { .. } => Lane::Events,
            Self::FetchMedia { .. } | Self::LearnName {} => Lane::Media,
        }
    }

    /// The message it carries.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::SendToContact { message }
            | Self::PostToDesk { message, .. }
            | Self::FetchMedia { message } => Some(*message),
            Self::ForwardWebhook { message, .. } | Self::BotEvent { message, .. } => *message,
            _ => None,
        }
    }
}

/// A [`DeskNote`] as it lies in the outbox, and the notes that the outbox itself writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum StoredNote {
    /// The contact ended the conversation or left.
    ContactEnded,
    /// Relevo ended it.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// An agent's message could not be delivered.
    NotDelivered {
        /// The message.
        message: MessageId,
        /// Why, in words.
        why: String,
    },
    /// An agent's message waits because the platform's window is closed.
    WaitsForWindow {
        /// The message.
        message: MessageId,
    },
}

impl From<&DeskNote> for StoredNote {
    fn from(note: &DeskNote) -> Self {
        match note {
            DeskNote::ContactEnded => Self::ContactEnded,
            DeskNote::Ended(reason) => Self::Ended { reason: *reason },
        }
    }
}

/// A wake-up: which lane of which conversation has something to do. Ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wakeup {
    /// Owner.
    pub tenant: TenantId,
    /// The thread.
    pub conversation: ConversationId,
    /// The lane.
    pub lane: Lane,
}

/// A claimed row: nobody else works on this lane until `claimed_until`.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The row.
    pub id: OutboxId,
    /// Where it belongs.
    pub wakeup: Wakeup,
    /// What to do.
    pub task: Task,
    /// Tries before this one.
    pub attempts: u32,
    /// Whether an earlier try may have arrived: look first, then send.
    pub ambiguous: bool,
    /// How far an earlier try got, e.g. pieces of a split text already accepted.
    pub progress: serde_json::Value,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was first tried, by the clock of the worker that did.
    pub first_try_at: Timestamp,
    /// The claim's fencing token; a result with another token is refused.
    pub token: i64,
}

/// What a failed try means; the error itself says whether to retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Passing: try again, not before `retry_after` if given.
    Transient {
        /// The other side's own word.
        retry_after: Option<Duration>,
    },
    /// Passing, and our own: the other side was not asked and has nothing to do with it.
    NotAsked,
    /// Too many requests.
    Throttled {
        /// For whom.
        scope: ThrottleScope,
        /// The other side's own word.
        retry_after: Option<Duration>,
    },
    /// Credentials or permissions: the whole connection needs attention, its rows wait.
    Unauthorized,
    /// This recipient cannot be reached.
    Recipient,
    /// Outside the platform's service window.
    Window,
    /// Our request is wrong.
    Payload,
    /// The account is restricted: its rows wait.
    Policy,
    /// Another app has the thread: hold and try later.
    Held,
}

/// Whom a throttle concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThrottleScope {
    /// The whole line or desk.
    Connection,
    /// This contact only.
    Contact,
}

/// A failed try.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct SendError {
    /// Whether to retry.
    pub failure: Failure,
    /// The request may have arrived (no answer after the body was sent): look first.
    pub ambiguous: bool,
    /// The other side's code, e.g. `131047` or `10/2018278`.
    pub code: Option<String>,
    /// The other side's words, cleaned of tokens and addresses; shown to members.
    pub detail: String,
}

/// The code of a refusal that says: Let's Talk's conversation was deleted.
pub const CONVERSATION_GONE: &str = "conversation_gone";

impl SendError {
    /// A failure before anything was sent, or with a clear answer.
    #[must_use]
    pub fn clear(failure: Failure, detail: impl Into<String>) -> Self {
        Self {
            failure,
            ambiguous: false,
            code: None,
            detail: detail.into(),
        }
    }

    /// No answer after the request may have arrived.
    #[must_use]
    pub fn ambiguous(detail: impl Into<String>) -> Self {
        Self {
            failure: Failure::Transient { retry_after: None },
            ambiguous: true,
            code: None,
            detail: detail.into(),
        }
    }

    /// With the other side's code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}
