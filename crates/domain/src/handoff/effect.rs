//! What must be done. Effects are data: ingest turns them into rows in the same transaction.

use super::event::AgentRef;
use super::policy::RatingScale;
use super::reason::EndReason;
use super::state::{Episode, TimerKind};
use crate::ids::{HandoffId, MessageId};
use crate::time::Timestamp;

/// What must be done, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hand the contact's message to the bot.
    ForwardToBot {
        /// The stored message.
        message: MessageId,
    },
    /// Open the conversation at the desk: create or get the client, create the conversation
    /// with the transcript so far, assign the group.
    OpenDesk {
        /// The handoff.
        handoff: HandoffId,
    },
    /// Hand the contact's message to the desk, behind the opening.
    RelayToDesk {
        /// The handoff.
        handoff: HandoffId,
        /// The stored message.
        message: MessageId,
    },
    /// Hand the agent's message to the contact.
    RelayToContact {
        /// The stored message.
        message: MessageId,
    },
    /// The bot's message does not reach the contact.
    MuteBotMessage {
        /// The stored message.
        message: MessageId,
    },
    /// Say something to the contact in Relevo's own name.
    Say(Notice),
    /// Tell the agents something, in Let's Talk.
    TellDesk {
        /// The handoff.
        handoff: HandoffId,
        /// What.
        note: DeskNote,
    },
    /// Close the conversation at the desk; if it is still being opened, as soon as it is open.
    /// Closing what is closed is success.
    CloseDesk {
        /// The handoff.
        handoff: HandoffId,
    },
    /// Tell the bot by signed webhook.
    BotEvent(BotEvent),
    /// Hand the bot a text as if the contact had said it, so that its flow restarts.
    SyntheticToBot {
        /// E.g. `/start`.
        text: String,
    },
    /// The desk never took over: what the contact said after the requesting message goes to the
    /// bot, in order. The requesting message itself does not: it would only ask again.
    ReturnBacklog {
        /// The handoff that failed.
        handoff: HandoffId,
        /// The bot listened and has heard it already: it is only taken back from the desk.
        heard: bool,
    },
    /// Start a timer, replacing one of the same kind.
    SetTimer {
        /// Which.
        kind: TimerKind,
        /// To be given back in [`super::Event::Timer`].
        epoch: u32,
        /// When it rings.
        due: Timestamp,
    },
    /// Stop every timer of the conversation.
    ClearTimers,
    /// Write a figure of the handoff's row.
    Record(Fact),
}

/// What Relevo says to the contact in its own name. The words are the tenant's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The words, not empty.
    pub text: String,
    /// Offer the answers 1 to 5 below the text (the rating question), so shown.
    pub rating: Option<RatingScale>,
}

/// What the agents are told in Let's Talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskNote {
    /// The contact ended the conversation or left.
    ContactEnded,
    /// Relevo ended it for this reason.
    Ended(EndReason),
}

/// What the bot is told by signed webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BotEvent {
    /// `handoff.requested`
    Requested {
        /// The handoff.
        handoff: HandoffId,
    },
    /// `handoff.accepted`
    Accepted {
        /// The handoff.
        handoff: HandoffId,
    },
    /// `handoff.ended`
    Ended {
        /// The handoff.
        handoff: HandoffId,
        /// Why.
        reason: EndReason,
    },
    /// `message.agent`
    AgentMessage {
        /// The handoff.
        handoff: HandoffId,
        /// The stored message.
        message: MessageId,
    },
}

/// A figure of the handoff's row; each is written at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The row begins.
    Requested(Episode),
    /// Open at the desk.
    Opened {
        /// The handoff.
        handoff: HandoffId,
        /// Let's Talk's conversation id.
        desk_conversation: i64,
    },
    /// An agent joined or spoke first.
    Accepted {
        /// The handoff.
        handoff: HandoffId,
        /// Who.
        agent: AgentRef,
    },
    /// The first human word to the contact.
    FirstHuman {
        /// The handoff.
        handoff: HandoffId,
        /// The message.
        message: MessageId,
    },
    /// The row ends.
    Ended {
        /// The handoff.
        handoff: HandoffId,
        /// Why.
        reason: EndReason,
    },
    /// The contact's rating.
    Rated {
        /// The handoff.
        handoff: HandoffId,
        /// 1 to 5.
        stars: u8,
    },
}
