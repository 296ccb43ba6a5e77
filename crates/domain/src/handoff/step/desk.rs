//! How a handoff opens and closes at the desk.

use super::end::{self, Desk, Ending};
use super::turn::Turn;
use super::{Ignored, Step};
use crate::handoff::effect::{Effect, Fact};
use crate::handoff::reason::EndReason;
use crate::handoff::state::{EarlyAgent, Phase};
use crate::ids::HandoffId;

/// The conversation is open at the desk.
pub(super) fn opened(mut turn: Turn<'_>, handoff: HandoffId, desk_conversation: i64) -> Step {
    if !turn.state.is_under_way(handoff) {
        return opened_too_late(turn, handoff, desk_conversation);
    }
    let Phase::Requested { episode, early } = turn.state.phase.clone() else {
        return turn.noted(Ignored::Repeated);
    };
    turn.push(Effect::Record(Fact::Opened {
        handoff,
        desk_conversation,
    }));
    turn.state.phase = match early {
        None => Phase::Waiting {
            episode,
            desk_conversation,
        },
        Some(EarlyAgent { agent, answered }) => Phase::Active {
            episode,
            desk_conversation,
            agent,
            answered,
        },
    };
    turn.done()
}

/// The handoff ended while the desk was opening it: nobody would ever close that conversation,
/// so it is recorded (its row must know the id) and closed.
fn opened_too_late(mut turn: Turn<'_>, handoff: HandoffId, desk_conversation: i64) -> Step {
    let mut ended = turn.state.past.iter_mut();
    if let Some(past) = ended.find(|past| past.handoff == handoff) {
        if past.opened {
            return turn.noted(Ignored::Repeated);
        }
        past.opened = true;
    }
    turn.push(Effect::Record(Fact::Opened {
        handoff,
        desk_conversation,
    }));
    turn.push(Effect::CloseDesk { handoff });
    turn.noted(Ignored::OtherHandoff)
}

/// The desk refused to open the conversation, or stayed down too long.
pub(super) fn failed(turn: Turn<'_>, handoff: HandoffId) -> Step {
    if !turn.state.is_under_way(handoff) {
        return turn.noted(Ignored::OtherHandoff);
    }
    let Phase::Requested { early, .. } = &turn.state.phase else {
        return turn.noted(Ignored::Overtaken);
    };
    // An agent who is there proves that it did open: then it must be closed as well.
    let desk = if early.is_some() {
        Desk::Close
    } else {
        Desk::NotThere
    };
    end::end(
        turn,
        Ending {
            reason: EndReason::Error,
            desk,
            quiet: false,
        },
    )
}

/// The conversation was deleted at the desk: nobody there will ever see the contact again.
pub(super) fn gone(turn: Turn<'_>, handoff: HandoffId) -> Step {
    if !turn.state.is_under_way(handoff) {
        return turn.noted(Ignored::OtherHandoff);
    }
    if turn.state.desk_conversation().is_none() {
        return turn.noted(Ignored::Overtaken);
    }
    end::end(
        turn,
        Ending {
            reason: EndReason::Error,
            desk: Desk::NotThere,
            quiet: false,
        },
    )
}

/// An agent closed the conversation.
pub(super) fn closed(turn: Turn<'_>, handoff: HandoffId) -> Step {
    if !turn.state.is_under_way(handoff) {
        return turn.noted(Ignored::OtherHandoff);
    }
    end::end(
        turn,
        Ending {
            reason: EndReason::AgentClosed,
            desk: Desk::ClosedItself,
            quiet: false,
        },
    )
}
