//! What is open now.

use super::fact::Fact;
use crate::time::Timestamp;
use std::time::Duration;

/// What is open now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Handoffs that have not ended.
    pub open: u64,
    /// Of these, with no agent yet.
    pub waiting: u64,
    /// How long the one that waits longest has waited.
    pub longest_wait: Option<Duration>,
}

impl Now {
    /// Looks at open handoffs; ended ones among them are left out.
    #[must_use]
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>, now: Timestamp) -> Self {
        let mut seen = Self::default();
        for fact in facts.into_iter().filter(|f| f.ended_at.is_none()) {
            seen.open += 1;
            if fact.accepted_at.is_none() {
                seen.waiting += 1;
                let wait = now.since(fact.requested_at);
                seen.longest_wait = seen.longest_wait.max(Some(wait));
            }
        }
        seen
    }
}
