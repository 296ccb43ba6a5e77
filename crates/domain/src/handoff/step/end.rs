//! How a handoff ends: the one way back to the bot.

use super::turn::{Turn, minutes_long};
use super::{Ignored, Step};
use crate::handoff::effect::{BotEvent, DeskNote, Effect, Fact, Notice};
use crate::handoff::policy::PolicyTexts;
use crate::handoff::reason::EndReason;
use crate::handoff::state::{Episode, HandoffState, PastHandoff, Phase, RatingWait};
use crate::ids::HandoffId;

/// The end of a handoff.
pub(super) struct Ending {
    /// Why.
    pub reason: EndReason,
    /// What is left to do at the desk.
    pub desk: Desk,
    /// The contact is gone: nothing is said to them, and the bot does not start again.
    pub quiet: bool,
}

impl Ending {
    /// Ended from our side, with the conversation open or being opened at the desk.
    pub fn by_us(reason: EndReason) -> Self {
        Self {
            reason,
            desk: Desk::Close,
            quiet: false,
        }
    }
}

/// What is left to do at the desk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Desk {
    /// Tell the agents and close it.
    Close,
    /// An agent closed it.
    ClosedItself,
    /// It could not be opened.
    NotThere,
}

/// A member, the bot or a policy ends it.
pub(super) fn requested(turn: Turn<'_>, only: Option<HandoffId>, reason: EndReason) -> Step {
    match only {
        Some(handoff) if !turn.state.is_under_way(handoff) => turn.noted(Ignored::OtherHandoff),
        _ => end(turn, Ending::by_us(reason)),
    }
}

/// Ends the handoff under way and gives the contact back to the bot.
pub(super) fn end(mut turn: Turn<'_>, ending: Ending) -> Step {
    let Some(episode) = turn.state.episode().cloned() else {
        return turn.noted(Ignored::NoHandoff);
    };
    let handoff = episode.handoff;
    let reason = ending.reason;
    let rating = if ending.quiet {
        None
    } else {
        farewell(&mut turn, &episode, reason)
    };
    if ending.desk == Desk::Close {
        let note = match reason {
            EndReason::UserEnded => DeskNote::ContactEnded,
            other => DeskNote::Ended(other),
        };
        turn.push(Effect::TellDesk { handoff, note });
        turn.push(Effect::CloseDesk { handoff });
    }
    if !ending.quiet {
        hand_back(&mut turn, &episode, &ending);
    }
    turn.push(Effect::BotEvent(BotEvent::Ended { handoff, reason }));
    turn.push(Effect::ClearTimers);
    turn.push(Effect::Record(Fact::Ended { handoff, reason }));
    let opened = turn.state.desk_conversation().is_some();
    remember(&mut turn, PastHandoff { handoff, opened });
    turn.state.timer = None;
    turn.state.phase = Phase::Bot {
        rating,
        released_at: Some(turn.now),
    };
    turn.done()
}

fn remember(turn: &mut Turn<'_>, ended: PastHandoff) {
    let past = &mut turn.state.past;
    past.push(ended);
    let surplus = past.len().saturating_sub(HandoffState::REMEMBERED_HANDOFFS);
    past.drain(..surplus);
}

/// What the contact is told, and the question that stays open.
fn farewell(turn: &mut Turn<'_>, episode: &Episode, reason: EndReason) -> Option<RatingWait> {
    turn.say(last_words(&turn.policy.texts, episode, reason));
    if reason != EndReason::AgentClosed || !turn.state.answered() {
        return None; // nobody to rate
    }
    let asked = episode.close.rating.as_ref()?;
    if asked.question.trim().is_empty() || asked.wait_minutes == 0 {
        return None;
    }
    turn.push(Effect::Say(Notice {
        text: asked.question.clone(),
        rating: Some(asked.scale),
    }));
    Some(RatingWait {
        handoff: episode.handoff,
        until: turn.now.after(minutes_long(asked.wait_minutes)),
        taps_only: false,
        thanks: asked.thanks.clone(),
    })
}

/// The tenant's words for this end; empty where nothing is to be said.
fn last_words<'p>(texts: &'p PolicyTexts, episode: &Episode, reason: EndReason) -> &'p str {
    match reason {
        EndReason::AgentClosed if episode.close.goodbye => &texts.goodbye,
        EndReason::NoAgentTimeout | EndReason::OutOfHours => &texts.nobody_available,
        EndReason::AgentInactive | EndReason::UserInactive => &texts.inactive,
        EndReason::Error => &texts.error,
        EndReason::AgentClosed
        | EndReason::UserEnded
        | EndReason::ChannelWindowClosed
        | EndReason::OperatorForced => "",
    }
}

/// What the bot starts with: the words no agent ever saw, or its flow from the beginning.
fn hand_back(turn: &mut Turn<'_>, episode: &Episode, ending: &Ending) {
    let unseen = turn.state.desk_conversation().is_none() && turn.state.agent().is_none();
    let wanted = !matches!(ending.reason, EndReason::UserEnded | EndReason::AgentClosed);
    let restart = episode.close.restart_bot_with.trim();
    if unseen && wanted {
        turn.push(Effect::ReturnBacklog {
            handoff: episode.handoff,
            heard: episode.bot_listens,
        });
    } else if !restart.is_empty() {
        turn.push(Effect::SyntheticToBot {
            text: restart.to_owned(),
        });
    }
}
