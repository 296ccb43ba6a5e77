//! Where the machine stands. The data lives in the phase that needs it, so that «active
//! without a conversation at the desk» cannot be written.

use super::event::{AgentRef, HandoffOptions};
use super::policy::ClosePolicy;
use super::reason::HandoffReason;
use crate::conversation::Control;
use crate::ids::{HandoffId, RuleId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The state of one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffState {
    /// Who has control, and what that needs.
    pub phase: Phase,
    /// Counts every (re)setting of a timer; a timer that carries another number is stale.
    pub epoch: u32,
}

impl Default for HandoffState {
    fn default() -> Self {
        Self {
            phase: Phase::Bot {
                rating: None,
                released_at: None,
            },
            epoch: 0,
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
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// A rating question that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingWait {
    /// The handoff that is rated.
    pub handoff: HandoffId,
    /// From here on a «4» is just a 4.
    pub until: Timestamp,
}

/// The timers of design §5. At most one of each kind runs per conversation.
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
            Phase::Requested { episode }
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
}
