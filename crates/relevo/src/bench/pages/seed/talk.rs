//! One conversation while it is being filled: who speaks next, and what becomes of it.

use crate::bench::chance::Chance;
use domain::handoff::{
    AgentRef, ClosePolicy, EndReason, Episode, HandoffOptions, HandoffReason, HandoffState, Phase,
};
use domain::ids::{HandoffId, MessageId, RuleId};
use domain::message::Author;
use domain::routing::Progress;
use domain::time::Timestamp;
use std::collections::VecDeque;
use uuid::Uuid;

/// A handoff under way.
pub(super) struct Open {
    pub id: Uuid,
    pub reason: HandoffReason,
    pub rule: Option<RuleId>,
    pub requested_at: i64,
    pub requested_seq: i64,
    pub desk: i64,
    /// When and by whom it was taken.
    pub accepted: Option<(i64, i64)>,
    pub first_human_at: Option<i64>,
    pub contact_messages: i64,
    pub agent_messages: i64,
    pub replies: i64,
    pub reply_ms: i64,
    /// Messages until it ends.
    pub left: usize,
}

/// A conversation.
pub(super) struct Talk {
    pub contact: Uuid,
    pub id: Uuid,
    pub channel: Uuid,
    pub created_at: i64,
    pub seq: i64,
    pub last_at: i64,
    pub last_inbound: Option<i64>,
    pub last_words: String,
    pub last_author: Author,
    pub failed: i64,
    pub handoffs: usize,
    pub previous_ended_at: Option<i64>,
    pub recent: VecDeque<Uuid>,
    pub open: Option<Open>,
}

impl Talk {
    pub fn new(chance: &mut Chance, channel: Uuid, at: i64) -> Self {
        Self {
            contact: chance.id(at),
            id: chance.id(at),
            channel,
            created_at: at,
            seq: 0,
            last_at: at,
            last_inbound: None,
            last_words: String::new(),
            last_author: Author::Bot,
            failed: 0,
            handoffs: 0,
            previous_ended_at: None,
            recent: VecDeque::new(),
            open: None,
        }
    }

    /// Who speaks next.
    pub fn next_author(&self, chance: &mut Chance) -> Author {
        let other = if self.open.is_some() {
            Author::Agent
        } else {
            Author::Bot
        };
        // Now and then somebody says two things in a row.
        let turn = self.last_author != Author::Contact;
        match turn != chance.once_in(6) {
            true => Author::Contact,
            false => other,
        }
    }

    /// Takes in a message that was said.
    pub fn say(&mut self, id: Uuid, author: Author, words: &str, at: i64) {
        self.seq += 1;
        self.last_at = at;
        self.last_author = author;
        self.last_words = words.chars().take(120).collect();
        if author == Author::Contact {
            self.last_inbound = Some(at);
        }
        self.recent.push_back(id);
        if self.recent.len() > HandoffState::REMEMBERED {
            self.recent.pop_front();
        }
    }

    /// Counts a message of a handoff under way.
    pub fn count(&mut self, chance: &mut Chance, author: Author, at: i64) {
        let Some(open) = &mut self.open else { return };
        open.left = open.left.saturating_sub(1);
        if author == Author::Contact {
            open.contact_messages += 1;
            return;
        }
        open.agent_messages += 1;
        let taken = (open.requested_at + chance.between(5_000, 15 * 60_000)).min(at);
        let agent = i64::try_from(chance.below(12)).unwrap_or(0) + 100;
        open.accepted.get_or_insert((taken, agent));
        if open.first_human_at.is_none() {
            let said = taken + chance.between(1_000, 4 * 60_000);
            open.first_human_at = Some(said.min(at));
        } else {
            open.replies += 1;
            open.reply_ms += chance.between(2_000, 300_000);
        }
    }

    /// Where the machine stands.
    pub fn state(&self) -> HandoffState {
        let phase = match &self.open {
            None => Phase::Bot {
                rating: None,
                released_at: self.previous_ended_at.map(Timestamp),
            },
            Some(open) => {
                let episode = Episode {
                    handoff: HandoffId(open.id),
                    reason: open.reason,
                    rule: open.rule,
                    options: HandoffOptions::default(),
                    close: ClosePolicy::default(),
                    bot_listens: false,
                    requested_at: Timestamp(open.requested_at),
                };
                match open.accepted {
                    None => Phase::Waiting {
                        episode,
                        desk_conversation: open.desk,
                    },
                    Some((_, agent)) => Phase::Active {
                        episode,
                        desk_conversation: open.desk,
                        agent: AgentRef {
                            id: agent,
                            name: Some(agent_name(agent)),
                        },
                        answered: true,
                    },
                }
            }
        };
        HandoffState {
            phase,
            epoch: 3,
            recent: self.recent.iter().map(|id| MessageId(*id)).collect(),
            ..HandoffState::default()
        }
    }

    /// What the rules count.
    pub fn progress(&self) -> Progress {
        let seq = u32::try_from(self.seq).unwrap_or(0);
        Progress {
            contact_messages: seq / 2,
            questions: (0..8).map(|n| (0x9e37_79b9_7f4a_7c15 ^ n, 1)).collect(),
            ..Progress::default()
        }
    }
}

/// How a handoff ended.
pub(super) fn end_reason(chance: &mut Chance, taken: bool) -> EndReason {
    match (taken, chance.below(10)) {
        (true, 0) => EndReason::UserInactive,
        (true, 1) => EndReason::OperatorForced,
        (true, _) => EndReason::AgentClosed,
        (false, 0..=4) => EndReason::NoAgentTimeout,
        (false, _) => EndReason::UserEnded,
    }
}

/// What an agent is called.
pub(super) fn agent_name(agent: i64) -> String {
    let names = [
        "Ana", "Bruno", "Carla", "Darío", "Elena", "Fabián", "Gloria", "Hugo",
    ];
    let name = usize::try_from(agent).unwrap_or(0) % names.len();
    format!("{} {agent}", names[name])
}
