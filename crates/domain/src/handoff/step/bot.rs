//! What the bot says, and that it is silent.

use super::request;
use super::turn::Turn;
use super::{Ignored, Step};
use crate::conversation::Control;
use crate::handoff::effect::Effect;
use crate::handoff::event::{HandoffOptions, HandoffRequest, Verdict};
use crate::handoff::policy::BotDownAction;
use crate::handoff::reason::HandoffReason;
use crate::handoff::state::Phase;
use crate::ids::{HandoffId, MessageId};

/// The bot wants to say something. While it has control its words pass, also those that ask
/// for a person; while a human has control none does, however often it tries.
pub(super) fn message(
    mut turn: Turn<'_>,
    message: MessageId,
    numbered: bool,
    verdict: &Verdict,
) -> Step {
    if turn.state.control() == Control::Human {
        turn.push(Effect::MuteBotMessage { message });
        return turn.done();
    }
    if numbered
        && !matches!(verdict, Verdict::Ignore { .. })
        && let Phase::Bot {
            rating: Some(wait), ..
        } = &mut turn.state.phase
    {
        // The contact has a newer question before them, to be answered by a number, too.
        wait.taps_only = true;
    }
    match verdict {
        Verdict::Pass => {}
        Verdict::Answer { text, .. } => turn.say(text),
        Verdict::Ignore { .. } => {
            turn.push(Effect::MuteBotMessage { message });
            return turn.noted(Ignored::IgnoredByRule);
        }
        Verdict::HandOff(wanted) => return request::asked(turn, wanted),
    }
    turn.done()
}

/// The bot's endpoint stayed down. The cooldown does not count here: it keeps a rule from
/// pulling the contact away from a bot, and there is no bot.
pub(super) fn unavailable(mut turn: Turn<'_>, candidate: HandoffId) -> Step {
    if turn.state.control() == Control::Human {
        return turn.noted(Ignored::AlreadyHandedOff);
    }
    match turn.policy.bot_down {
        BotDownAction::Answer => {
            let policy = turn.policy;
            turn.say(&policy.texts.bot_down);
            turn.done()
        }
        BotDownAction::HandOff => request::asked(
            turn,
            &HandoffRequest {
                candidate,
                reason: HandoffReason::BotUnavailable,
                rule: None,
                options: HandoffOptions::default(),
                close: None,
                urgent: true,
            },
        ),
    }
}
