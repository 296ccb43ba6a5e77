//! What the contact says, and that they leave.

use super::end::{self, Desk, Ending};
use super::turn::Turn;
use super::{Ignored, Step, rating, request};
use crate::handoff::effect::{Effect, Fact};
use crate::handoff::event::Verdict;
use crate::handoff::reason::EndReason;
use crate::handoff::state::{Phase, RatingWait, TimerKind};
use crate::ids::{HandoffId, MessageId};
use crate::words::same_words;

/// The contact said something.
pub(super) fn message(
    mut turn: Turn<'_>,
    message: MessageId,
    words: Option<&str>,
    rates: bool,
    verdict: &Verdict,
) -> Step {
    if turn.repeats(message) {
        return turn.noted(Ignored::Repeated);
    }
    match turn.state.episode().map(|episode| episode.handoff) {
        Some(handoff) => to_people(turn, handoff, message, words),
        None => to_bot(turn, message, words, rates, verdict),
    }
}

/// The contact blocked us or left: the agents learn it, the contact hears nothing any more.
pub(super) fn left(turn: Turn<'_>) -> Step {
    end::end(
        turn,
        Ending {
            reason: EndReason::UserEnded,
            desk: Desk::Close,
            quiet: true,
        },
    )
}

fn to_people(
    mut turn: Turn<'_>,
    handoff: HandoffId,
    message: MessageId,
    words: Option<&str>,
) -> Step {
    let says_the_end = |words: &str| {
        let end_words = turn.policy.end_words.iter();
        end_words.into_iter().any(|end| same_words(end, words))
    };
    if words.is_some_and(says_the_end) {
        return end::end(turn, Ending::by_us(EndReason::UserEnded));
    }
    turn.push(Effect::RelayToDesk { handoff, message });
    heard_by_bot(&mut turn, message);
    // The agent's silence counts from the first word left unanswered: a contact who goes on
    // asking must not have to wait longer for it.
    let counting = turn.state.timer.map(|running| running.kind) == Some(TimerKind::AgentSilent);
    if turn.state.agent().is_some() && !counting {
        let minutes = turn.policy.timeouts.agent_silent_minutes;
        turn.start_timer(TimerKind::AgentSilent, minutes);
    }
    turn.done()
}

fn to_bot(
    mut turn: Turn<'_>,
    message: MessageId,
    words: Option<&str>,
    rates: bool,
    verdict: &Verdict,
) -> Step {
    if let Some(wait) = take_rating(&mut turn)
        && (rates || !wait.taps_only)
        && let Some(stars) = words.and_then(rating::stars)
    {
        turn.push(Effect::Record(Fact::Rated {
            handoff: wait.handoff,
            stars,
        }));
        turn.say(&wait.thanks);
        return turn.done();
    }
    match verdict {
        Verdict::Pass => turn.push(Effect::ForwardToBot { message }),
        Verdict::Answer { text, .. } => turn.say(text),
        Verdict::Ignore { .. } => return turn.noted(Ignored::IgnoredByRule),
        Verdict::HandOff(wanted) => {
            if let Some(note) = request::refusal(&turn, wanted) {
                turn.push(Effect::ForwardToBot { message });
                return turn.noted(note);
            }
            request::begin(&mut turn, wanted);
            heard_by_bot(&mut turn, message);
        }
    }
    turn.done()
}

/// A bot that listens hears what the contact says to people, too.
fn heard_by_bot(turn: &mut Turn<'_>, message: MessageId) {
    if turn.state.episode().is_some_and(|e| e.bot_listens) {
        turn.push(Effect::ForwardToBot { message });
    }
}

/// The rating question that is open now. Whatever the contact says closes it.
fn take_rating(turn: &mut Turn<'_>) -> Option<RatingWait> {
    let Phase::Bot { rating, .. } = &mut turn.state.phase else {
        return None;
    };
    rating.take().filter(|wait| turn.now < wait.until)
}
