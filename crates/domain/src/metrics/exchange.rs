//! What was said in one handoff, counted once when it ends.

use crate::message::Author;
use crate::time::Timestamp;

/// A message as far as counting needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Who.
    pub author: Author,
    /// When we stored it.
    pub at: Timestamp,
}

/// Who said how much in one handoff, and how fast the agent replied.
///
/// A *reply* is an agent's message that has words of the contact waiting before it; it took from
/// the first of those words to itself. The first human message is not a reply: it has a figure of
/// its own, the first response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Messages of the contact.
    pub contact_messages: i64,
    /// Messages of agents.
    pub agent_messages: i64,
    /// Agents' replies after the first response.
    pub replies: i64,
    /// Milliseconds that the contact waited for them, together.
    pub reply_ms: i64,
}

impl Exchange {
    /// Counts the messages of one handoff, in their order.
    #[must_use]
    pub fn of(messages: impl IntoIterator<Item = Spoken>) -> Self {
        let mut exchange = Self::default();
        let mut waiting: Option<Timestamp> = None;
        for message in messages {
            match message.author {
                Author::Contact => {
                    exchange.contact_messages += 1;
                    waiting = waiting.or(Some(message.at));
                }
                Author::Agent => {
                    if let (Some(since), true) = (waiting.take(), exchange.agent_messages > 0) {
                        exchange.replies += 1;
                        exchange.reply_ms += (message.at.0 - since.0).max(0);
                    }
                    exchange.agent_messages += 1;
                }
                Author::Bot | Author::System => {}
            }
        }
        exchange
    }
}
