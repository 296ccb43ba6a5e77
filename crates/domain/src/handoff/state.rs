//! Where the machine stands. The data lives in the phase that needs it, so that «active
//! without a conversation at the desk» cannot be written.

use super::event::{AgentRef, HandoffOptions};
use super::policy::ClosePolicy;
use super::reason::HandoffReason;
use crate::conversation::Control;
use crate::ids::{HandoffId, MessageId, RuleId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffState {
    /// Who has control, and what that needs.
    pub phase: Phase,
    /// Counts every (re)setting of a timer, so that no two settings carry the same number.
    pub epoch: u32,
    /// The timer that runs, if any. The three kinds wait for different people at different
    /// times, so one place is enough and two can never run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<RunningTimer>,
    /// The handoffs before this one, oldest first, at most [`HandoffState::REMEMBERED_HANDOFFS`]:
    /// to recognise what still comes in for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<PastHandoff>,
    /// The newest messages already handled, oldest first, at most [`HandoffState::REMEMBERED`].
    /// The store keeps a message from being taken in twice; this is the second lock on the
    /// same door, for an event that is handed to the machine again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<MessageId>,
}

impl Default for HandoffState {
    fn default() -> Self {
        Self {
            phase: Phase::Bot {
                rating: None,
                released_at: None,
            },
            epoch: 0,
            timer: None,
            past: Vec::new(),
            recent: Vec::new(),
        }
    }
}

/// Who has control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// The bot answers.
    Bot {
        /// A rating question is open; the next message may be its answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rating: Option<RatingWait>,
        /// When the last handoff ended; rules look only at what came after, and cool down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        released_at: Option<Timestamp>,
    },
    /// The conversation is being opened at the desk; the contact's words queue up behind it.
    Requested {
        /// The handoff.
        episode: Episode,
        /// An agent was faster than the answer to our own opening call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        early: Option<EarlyAgent>,
    },
    /// Open at the desk, no agent yet.
    Waiting {
        /// The handoff.
        episode: Episode,
        /// Let's Talk's conversation id.
        desk_conversation: i64,
    },
    /// An agent has joined or spoken.
    Active {
        /// The handoff.
        episode: Episode,
        /// Let's Talk's conversation id.
        desk_conversation: i64,
        /// Who joined or spoke first.
        agent: AgentRef,
        /// Whether an agent has written to the contact yet.
        answered: bool,
    },
}

/// One handoff while it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Identity.
    pub handoff: HandoffId,
    /// Why it began.
    pub reason: HandoffReason,
    /// The rule that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// What the rule, the bot or the member asked for.
    #[serde(default)]
    pub options: HandoffOptions,
    /// What happens at the end: the tenant's close policy, or the rule's own.
    pub close: ClosePolicy,
    /// The bot hears what the contact says meanwhile. Kept here because a message must go to the
    /// bot once or never, also when the tenant changes its mind in between.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot_listens: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// An agent who joined or wrote before we knew Let's Talk's conversation id. Their words go to
/// the contact at once; the phase moves on when the id arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlyAgent {
    /// Who.
    pub agent: AgentRef,
    /// Whether they have written to the contact yet.
    pub answered: bool,
}

/// A rating question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingWait {
    /// The handoff that is rated.
    pub handoff: HandoffId,
    /// From here on a «4» is just a 4.
    pub until: Timestamp,
    /// The bot has asked something since that is answered by a number, too: only a tap on one of
    /// the question's own answers rates now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taps_only: bool,
    /// What is said to an answer; empty = nothing. Kept here because the rule that asked for
    /// the handoff may have had its own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thanks: String,
}

/// A timer that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningTimer {
    /// Which.
    pub kind: TimerKind,
    /// The number it was set with; a ring that carries another one is stale.
    pub epoch: u32,
}

/// A handoff that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastHandoff {
    /// Which.
    pub handoff: HandoffId,
    /// Whether we learned its conversation id at the desk. If not, the id may still come, and
    /// that conversation must be closed.
    pub opened: bool,
}

/// The timers of design §5. At most one runs per conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// No agent joined in time.
    NoAgent,
    /// The contact spoke last and the agent stays silent.
    AgentSilent,
    /// The agent spoke last and the contact stays silent.
    UserSilent,
}

impl TimerKind {
    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoAgent => "no_agent",
            Self::AgentSilent => "agent_silent",
            Self::UserSilent => "user_silent",
        }
    }

    /// From the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::NoAgent, Self::AgentSilent, Self::UserSilent]
            .into_iter()
            .find(|k| k.name() == name)
    }
}

impl HandoffState {
    /// How many handled messages are remembered.
    pub const REMEMBERED: usize = 8;

    /// How many ended handoffs are remembered.
    pub const REMEMBERED_HANDOFFS: usize = 4;

    /// Who may speak to the contact now. Control passes to the humans at the request, not
    /// when an agent joins: a bot that goes on talking to somebody who asked for a person is
    /// what this product exists to prevent.
    #[must_use]
    pub fn control(&self) -> Control {
        match self.phase {
            Phase::Bot { .. } => Control::Bot,
            _ => Control::Human,
        }
    }

    /// The handoff under way.
    #[must_use]
    pub fn episode(&self) -> Option<&Episode> {
        match &self.phase {
            Phase::Bot { .. } => None,
            Phase::Requested { episode, .. }
            | Phase::Waiting { episode, .. }
            | Phase::Active { episode, .. } => Some(episode),
        }
    }

    /// Let's Talk's conversation id, once it is open there.
    #[must_use]
    pub fn desk_conversation(&self) -> Option<i64> {
        match self.phase {
            Phase::Waiting {
                desk_conversation, ..
            }
            | Phase::Active {
                desk_conversation, ..
            } => Some(desk_conversation),
            _ => None,
        }
    }

    /// The stored name of the phase, for filters: `bot`, `requested`, `waiting`, `active`.
    #[must_use]
    pub fn phase_name(&self) -> &'static str {
        match self.phase {
            Phase::Bot { .. } => "bot",
            Phase::Requested { .. } => "requested",
            Phase::Waiting { .. } => "waiting",
            Phase::Active { .. } => "active",
        }
    }

    /// Whether this handoff is the one under way.
    #[must_use]
    pub fn is_under_way(&self, handoff: HandoffId) -> bool {
        self.episode().is_some_and(|e| e.handoff == handoff)
    }

    /// The agent who joined or spoke first, also before the desk has told its id.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentRef> {
        match &self.phase {
            Phase::Bot { .. } | Phase::Waiting { .. } => None,
            Phase::Requested { early, .. } => early.as_ref().map(|e| &e.agent),
            Phase::Active { agent, .. } => Some(agent),
        }
    }

    /// Whether a human has written to the contact in this handoff.
    #[must_use]
    pub fn answered(&self) -> bool {
        match &self.phase {
            Phase::Bot { .. } | Phase::Waiting { .. } => false,
            Phase::Requested { early, .. } => early.as_ref().is_some_and(|e| e.answered),
            Phase::Active { answered, .. } => *answered,
        }
    }

    /// Notes that a human has written; whether this was the first time.
    pub(super) fn mark_answered(&mut self) -> bool {
        match &mut self.phase {
            Phase::Requested {
                early: Some(EarlyAgent { answered, .. }),
                ..
            }
            | Phase::Active { answered, .. } => !std::mem::replace(answered, true),
            _ => false,
        }
    }
}
