//! How a handoff begins.

use super::turn::{Turn, minutes_long};
use super::{Ignored, Step};
use crate::handoff::effect::{BotEvent, Effect, Fact};
use crate::handoff::event::HandoffRequest;
use crate::handoff::policy::BotStandby;
use crate::handoff::state::{Episode, Phase, TimerKind};

/// Somebody asks for a human.
pub(super) fn asked(mut turn: Turn<'_>, request: &HandoffRequest) -> Step {
    if let Some(note) = refusal(&turn, request) {
        return turn.noted(note);
    }
    begin(&mut turn, request);
    turn.done()
}

/// Why this request does not begin a handoff now.
pub(super) fn refusal(turn: &Turn<'_>, request: &HandoffRequest) -> Option<Ignored> {
    let Phase::Bot { released_at, .. } = turn.state.phase else {
        return Some(Ignored::AlreadyHandedOff);
    };
    let mut past = turn.state.past.iter();
    if past.any(|past| past.handoff == request.candidate) {
        return Some(Ignored::Repeated);
    }
    let cooldown = minutes_long(turn.policy.cooldown_minutes);
    let cooling = released_at.is_some_and(|released| turn.now < released.after(cooldown));
    (cooling && !request.urgent).then_some(Ignored::CoolingDown)
}

/// Begins the handoff. The requesting message is not relayed: the transcript that opens the
/// conversation at the desk ends with it. What comes later is relayed behind the opening.
pub(super) fn begin(turn: &mut Turn<'_>, request: &HandoffRequest) {
    let policy = turn.policy;
    let handoff = request.candidate;
    let episode = Episode {
        handoff,
        reason: request.reason,
        rule: request.rule,
        options: request.options.clone(),
        close: request
            .close
            .clone()
            .unwrap_or_else(|| policy.close.clone()),
        bot_listens: policy.bot_standby == BotStandby::Listens,
        requested_at: turn.now,
    };
    turn.push(Effect::Record(Fact::Requested(episode.clone())));
    turn.say(
        request
            .options
            .notice
            .as_deref()
            .unwrap_or(&policy.texts.requested),
    );
    turn.push(Effect::OpenDesk { handoff });
    turn.push(Effect::BotEvent(BotEvent::Requested { handoff }));
    turn.state.phase = Phase::Requested {
        episode,
        early: None,
    };
    turn.start_timer(TimerKind::NoAgent, policy.timeouts.no_agent_minutes);
}
