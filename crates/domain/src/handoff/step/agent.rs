//! What the agents do. A membership event may never come, or before our own opening call has
//! its answer: the first sign of an agent is the acceptance, whichever it is.

use super::turn::Turn;
use super::{Ignored, Step};
use crate::handoff::effect::{BotEvent, Effect, Fact};
use crate::handoff::event::AgentRef;
use crate::handoff::state::{EarlyAgent, Phase, TimerKind};
use crate::ids::{HandoffId, MessageId};
use crate::variables::Variable;

/// An agent joined.
pub(super) fn joined(mut turn: Turn<'_>, handoff: HandoffId, agent: &AgentRef) -> Step {
    if !turn.state.is_under_way(handoff) {
        return turn.noted(Ignored::OtherHandoff);
    }
    if turn.state.agent().is_some() {
        return turn.noted(Ignored::Repeated);
    }
    accept(&mut turn, handoff, agent);
    // The contact spoke last: an agent who joins and says nothing is silent, too.
    let minutes = turn.policy.timeouts.agent_silent_minutes;
    turn.start_timer(TimerKind::AgentSilent, minutes);
    turn.done()
}

/// An agent wrote to the contact.
pub(super) fn message(
    mut turn: Turn<'_>,
    handoff: HandoffId,
    message: MessageId,
    agent: &AgentRef,
) -> Step {
    if !turn.state.is_under_way(handoff) {
        return turn.noted(Ignored::OtherHandoff);
    }
    if turn.repeats(message) {
        return turn.noted(Ignored::Repeated);
    }
    if turn.state.agent().is_none() {
        accept(&mut turn, handoff, agent);
    }
    turn.push(Effect::RelayToContact { message });
    turn.push(Effect::BotEvent(BotEvent::AgentMessage {
        handoff,
        message,
    }));
    if turn.state.mark_answered() {
        turn.push(Effect::Record(Fact::FirstHuman { handoff, message }));
    }
    let minutes = turn.policy.timeouts.user_silent_minutes;
    turn.start_timer(TimerKind::UserSilent, minutes);
    turn.done()
}

/// An agent takes the contact over.
fn accept(turn: &mut Turn<'_>, handoff: HandoffId, agent: &AgentRef) {
    let texts = &turn.policy.texts;
    let name = agent
        .name
        .as_deref()
        .filter(|name| !name.trim().is_empty())
        .unwrap_or(&texts.agent_unnamed);
    // What else it leaves open is filled in where the contact is known.
    let greeting = Variable::Agent
        .names()
        .iter()
        .fold(texts.agent_joined.clone(), |text, variable| {
            text.replace(&format!("{{{variable}}}"), name)
        });
    turn.push(Effect::Record(Fact::Accepted {
        handoff,
        agent: agent.clone(),
    }));
    turn.say(&greeting);
    turn.push(Effect::BotEvent(BotEvent::Accepted { handoff }));
    take_over(&mut turn.state.phase, agent);
}

/// Moves `Waiting` on to `Active`; `Requested` cannot move before the desk's id is known, and
/// remembers.
fn take_over(phase: &mut Phase, agent: &AgentRef) {
    match phase {
        Phase::Requested { early, .. } => {
            *early = Some(EarlyAgent {
                agent: agent.clone(),
                answered: false,
            });
        }
        Phase::Waiting {
            episode,
            desk_conversation,
        } => {
            *phase = Phase::Active {
                episode: episode.clone(),
                desk_conversation: *desk_conversation,
                agent: agent.clone(),
                answered: false,
            };
        }
        Phase::Bot { .. } | Phase::Active { .. } => {}
    }
}
