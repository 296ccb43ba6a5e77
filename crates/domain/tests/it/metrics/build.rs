//! Facts made up for tests.

use domain::handoff::{EndReason, HandoffReason};
use domain::ids::{ChannelId, RuleId};
use domain::metrics::{Day, Exchange, Fact, Local};
use domain::time::Timestamp;
use uuid::Uuid;

pub(super) const T0: i64 = 1_795_363_200_000; // 2026-11-22T16:00:00Z

/// Asked for at [`T0`], and nothing since.
pub(super) fn asked() -> Fact {
    Fact {
        channel: channel(0),
        rule: None,
        reason: HandoffReason::UserRequest,
        local: Local {
            day: Day(20_779),
            hour: 13,
        },
        requested_at: Timestamp(T0),
        accepted_at: None,
        first_human_at: None,
        ended_at: None,
        end_reason: None,
        rating: None,
        previous_ended_at: None,
        exchange: Exchange::default(),
    }
}

/// Taken, answered and ended after so many seconds each.
pub(super) fn done(accepted: i64, answered: i64, ended: i64) -> Fact {
    Fact {
        accepted_at: Some(at(accepted)),
        first_human_at: Some(at(answered)),
        ended_at: Some(at(ended)),
        end_reason: Some(EndReason::AgentClosed),
        ..asked()
    }
}

/// So many seconds after [`T0`].
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp(T0 + seconds * 1000)
}

pub(super) fn channel(n: u128) -> ChannelId {
    ChannelId(Uuid::from_u128(n + 1))
}

pub(super) fn rule(n: u128) -> RuleId {
    RuleId(Uuid::from_u128(n + 100))
}
