//! What can happen to a conversation.

use super::policy::ClosePolicy;
use super::reason::{EndReason, HandoffReason};
use super::state::TimerKind;
use crate::ids::{HandoffId, MessageId, RuleId};
use crate::variables::{Values, fill};
use serde::{Deserialize, Serialize};

/// What happened. Ids are made by the caller; the machine makes none.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The contact said something (any kind, also a reaction or an edit); already stored.
    ContactMessage {
        /// The stored message.
        message: MessageId,
        /// Its words, for rating answers and end words.
        words: Option<String>,
        /// It is a tap on an answer of our own rating question.
        rates: bool,
        /// What the rules say of it; looked at only while the bot has control.
        verdict: Verdict,
    },
    /// The bot wants to say something; already stored, not yet delivered. The machine lets it
    /// pass (no effect [`super::Effect::MuteBotMessage`]) or mutes it.
    BotMessage {
        /// The stored message.
        message: MessageId,
        /// It offers answers by number ([`super::offers_numbers`]): a «2» after it is meant for
        /// the bot and no rating.
        numbered: bool,
        /// What the rules on bot messages say of it.
        verdict: Verdict,
    },
    /// The bot (API), a member or Messenger thread control asks for a human.
    Requested(HandoffRequest),
    /// The bot's endpoint stayed down for a message of the contact.
    BotUnavailable {
        /// The message that could not be handed to the bot.
        message: MessageId,
        /// The handoff to begin if the policy says so.
        candidate: HandoffId,
    },
    /// Let's Talk opened the conversation.
    DeskOpened {
        /// The handoff it was opened for.
        handoff: HandoffId,
        /// Let's Talk's conversation id.
        desk_conversation: i64,
    },
    /// Let's Talk refused to open it, or stayed down past the policy's limit.
    DeskFailed {
        /// The handoff it was to be opened for.
        handoff: HandoffId,
    },
    /// The conversation was deleted at the desk: nothing can be posted there any more.
    DeskGone {
        /// The handoff of that conversation.
        handoff: HandoffId,
    },
    /// An agent joined (a membership event; may never come).
    AgentJoined {
        /// The handoff of that conversation.
        handoff: HandoffId,
        /// Who.
        agent: AgentRef,
    },
    /// An agent wrote to the contact; already stored.
    AgentMessage {
        /// The handoff of that conversation.
        handoff: HandoffId,
        /// The stored message.
        message: MessageId,
        /// Who.
        agent: AgentRef,
    },
    /// The conversation was closed at the desk.
    DeskClosed {
        /// The handoff of that conversation.
        handoff: HandoffId,
    },
    /// A member, the bot (API) or a policy ends it from our side.
    EndRequested {
        /// Only this handoff, if given; whichever is open otherwise.
        handoff: Option<HandoffId>,
        /// Why.
        reason: EndReason,
    },
    /// The contact blocked the bot or left.
    ContactLeft,
    /// A timer rang.
    Timer {
        /// Which.
        kind: TimerKind,
        /// The epoch it was set with.
        epoch: u32,
    },
}

impl HandoffOptions {
    /// Fills in the variables of the title and of every text in the metadata. The notice is filled
    /// in when it is said.
    pub fn fill(&mut self, values: &Values<'_>) {
        if let Some(title) = &mut self.title {
            *title = fill(title, values);
        }
        for value in self.metadata.iter_mut().flat_map(|m| m.values_mut()) {
            fill_in(value, values);
        }
    }
}

fn fill_in(value: &mut serde_json::Value, values: &Values<'_>) {
    match value {
        serde_json::Value::String(text) => *text = fill(text, values),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|v| fill_in(v, values)),
        serde_json::Value::Object(map) => map.values_mut().for_each(|v| fill_in(v, values)),
        _ => {}
    }
}

/// What the rules say of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Verdict {
    /// No rule matched: let it pass.
    #[default]
    Pass,
    /// A rule asks for a human.
    HandOff(HandoffRequest),
    /// A rule answers by itself; the bot does not see the message.
    Answer {
        /// The rule.
        rule: RuleId,
        /// The text to say.
        text: String,
    },
    /// A rule drops the message: stored, shown, not handed on.
    Ignore {
        /// The rule.
        rule: RuleId,
    },
}

/// A request for a human.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoffRequest {
    /// The handoff's identity if it comes to be.
    pub candidate: HandoffId,
    /// Why.
    pub reason: HandoffReason,
    /// The rule that asks.
    pub rule: Option<RuleId>,
    /// How it is to be opened.
    pub options: HandoffOptions,
    /// The rule's own close policy; the tenant's otherwise.
    pub close: Option<ClosePolicy>,
    /// Ignore the cooldown (the bot, a member and the contact's own request do).
    pub urgent: bool,
}

/// How a handoff is to be opened at the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HandoffOptions {
    /// Queue of agents: Let's Talk's `inquiry_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inquiry: Option<i64>,
    /// Group to assign after opening: Let's Talk's `group_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<i64>,
    /// Title template, Let's Talk's `issue`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Free JSON object for Let's Talk's `metadata`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// What the contact is told instead of the tenant's text; empty = nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// What the bot wants the agent to know, put before the transcript.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// An agent as Let's Talk names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRef {
    /// Let's Talk's person id.
    pub id: i64,
    /// Display name; membership events do not always carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
