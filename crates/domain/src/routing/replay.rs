//! One recorded conversation played again under a draft of the rules.
//!
//! The counters ([`Progress`]) are not recorded; they are counted again from the messages. What
//! the bot reported through the API without saying it (fallbacks, confidence) is not recorded
//! either, so rules on those find less here than they would have. Tags and attributes are those
//! of today.

use super::{Backtest, BusinessHours, CompiledRules, Facts, Progress, Recorded, Source, backtest};
use crate::channel::ChannelKind;
use crate::contact::ContactProfile;
use crate::ids::ConversationId;
use crate::message::{Author, Message};
use crate::time::Timestamp;

/// A recorded conversation.
#[derive(Clone, Debug)]
pub struct Past {
    /// The thread.
    pub conversation: ConversationId,
    /// Where it took place.
    pub channel: ChannelKind,
    /// Who writes, as known today.
    pub profile: ContactProfile,
    /// What was said, in order.
    pub messages: Vec<Message>,
    /// Its handoffs, in order.
    pub handoffs: Vec<PastHandoff>,
}

/// A handoff that took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastHandoff {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it ended; `None` while it lasts.
    pub ended_at: Option<Timestamp>,
}

/// What the rules would have done in this conversation from the instant `from` on. Messages
/// before it are only counted.
#[must_use]
pub fn replay(
    rules: &CompiledRules,
    past: &Past,
    hours: &BusinessHours,
    fallback_phrases: &[String],
    from: Timestamp,
) -> Backtest {
    let handed_off = past.handoffs.iter().any(|h| h.requested_at >= from);
    let mut progress = Progress::default();
    let mut released: Option<Timestamp> = None;
    let mut seen: Vec<(&Message, Progress, Option<Timestamp>)> = Vec::new();
    for message in &past.messages {
        let at = message.received_at;
        let ended = past.handoffs.iter().filter_map(|h| h.ended_at);
        let last = ended.filter(|end| *end <= at).max();
        if last > released {
            progress = progress.released();
            released = last;
        }
        if in_human_hands(past, message) {
            continue;
        }
        progress = match message.author {
            Author::Contact => progress.after_contact(&message.content),
            Author::Bot => progress.after_bot(&message.content, fallback_phrases),
            Author::Agent | Author::System => continue,
        };
        if at >= from {
            seen.push((message, progress.clone(), released));
        }
    }
    let recorded = seen
        .iter()
        .map(|(message, progress, released_at)| Recorded {
            conversation: past.conversation,
            message: Some(message.id),
            facts: Facts {
                channel: past.channel,
                source: Source::Message {
                    author: message.author,
                    content: &message.content,
                },
                profile: &past.profile,
                progress,
                hours,
                released_at: *released_at,
                now: message.received_at,
            },
            handed_off,
        });
    backtest(rules, recorded, 1)
}

/// Whether it was said while a human had control. The message that asked for one was not.
fn in_human_hands(past: &Past, message: &Message) -> bool {
    let at = message.received_at;
    past.handoffs.iter().any(|h| {
        let before_end = h.ended_at.is_none_or(|end| at < end);
        h.requested_at < at && before_end
    })
}
