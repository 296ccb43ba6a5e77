//! One handoff as the figures see it.

use super::calendar::Local;
use super::exchange::Exchange;
use crate::handoff::{EndReason, HandoffReason};
use crate::ids::{ChannelId, RuleId};
use crate::time::Timestamp;
use std::time::Duration;

/// One handoff as the figures see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The line.
    pub channel: ChannelId,
    /// The rule that asked.
    pub rule: Option<RuleId>,
    /// Why it began.
    pub reason: HandoffReason,
    /// Day and hour of the request on the tenant's wall, as they were then.
    pub local: Local,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When an agent joined or spoke first.
    pub accepted_at: Option<Timestamp>,
    /// The first human message to the contact.
    pub first_human_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// The contact's rating, 1 to 5.
    pub rating: Option<u8>,
    /// When the same contact's handoff before this one ended.
    pub previous_ended_at: Option<Timestamp>,
    /// What was said; counted when it ended.
    pub exchange: Exchange,
}

impl Fact {
    /// Request → an agent joined.
    #[must_use]
    pub fn time_to_assignment(&self) -> Option<Duration> {
        Some(self.accepted_at?.since(self.requested_at))
    }

    /// Request → first human message.
    #[must_use]
    pub fn first_response(&self) -> Option<Duration> {
        Some(self.first_human_at?.since(self.requested_at))
    }

    /// An agent joined → end.
    #[must_use]
    pub fn resolution(&self) -> Option<Duration> {
        Some(self.ended_at?.since(self.accepted_at?))
    }

    /// Ended before a human message.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.ended_at.is_some() && self.first_human_at.is_none()
    }

    /// Ended because nobody took it in time, or nobody is there at this hour.
    #[must_use]
    pub fn is_without_agent(&self) -> bool {
        matches!(
            self.end_reason,
            Some(EndReason::NoAgentTimeout | EndReason::OutOfHours)
        )
    }

    /// Asked for within `span` after the same contact's previous handoff ended.
    #[must_use]
    pub fn is_repeat_within(&self, span: Duration) -> bool {
        self.previous_ended_at
            .is_some_and(|before| self.requested_at.since(before) <= span)
    }
}
