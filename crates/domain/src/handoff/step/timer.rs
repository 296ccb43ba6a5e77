//! Somebody stayed silent too long.

use super::end::{self, Ending};
use super::turn::Turn;
use super::{Ignored, Step};
use crate::handoff::reason::EndReason;
use crate::handoff::state::{RunningTimer, TimerKind};

/// A timer rang; only the one that runs counts.
pub(super) fn rang(turn: Turn<'_>, kind: TimerKind, epoch: u32) -> Step {
    if turn.state.timer != Some(RunningTimer { kind, epoch }) {
        return turn.noted(Ignored::StaleTimer);
    }
    end::end(
        turn,
        Ending::by_us(match kind {
            TimerKind::NoAgent => EndReason::NoAgentTimeout,
            TimerKind::AgentSilent => EndReason::AgentInactive,
            TimerKind::UserSilent => EndReason::UserInactive,
        }),
    )
}
