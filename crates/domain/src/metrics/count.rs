//! What is counted although no handoff row says it.

use super::calendar::Day;
use crate::ids::{ChannelId, RuleId, TenantId};
use crate::time::Timestamp;
use std::time::Duration;

/// After so long a silence of the contact their next word starts a conversation anew. A contact has
/// one thread for ever; without this, somebody who comes back every week would count once.
const SILENCE: Duration = Duration::from_secs(86_400);

/// What is counted per tenant, day and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Count {
    /// Conversations started.
    Started,
    /// Of these, with at least one handoff; counted on the day they started.
    HandedOff,
    /// Repeated webhooks and events that changed nothing.
    Duplicates,
    /// Messages that the stream lost and the listing brought.
    GapsRepaired,
    /// Messages that needed more than one try.
    Retried,
    /// Tries given up.
    Failed,
    /// Contact → Let's Talk, in milliseconds from stored to taken.
    ToDesk,
    /// Agent → contact, in milliseconds from stored to taken.
    ToContact,
}

impl Count {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Started,
        Self::HandedOff,
        Self::Duplicates,
        Self::GapsRepaired,
        Self::Retried,
        Self::Failed,
        Self::ToDesk,
        Self::ToContact,
    ];

    /// The stored name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::HandedOff => "handed_off",
            Self::Duplicates => "duplicates",
            Self::GapsRepaired => "gaps_repaired",
            Self::Retried => "retried",
            Self::Failed => "failed",
            Self::ToDesk => "to_desk",
            Self::ToContact => "to_contact",
        }
    }

    /// From the stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// Something that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Counted {
    /// Owner.
    pub tenant: TenantId,
    /// The tenant's day.
    pub day: Day,
    /// The line.
    pub channel: ChannelId,
    /// What.
    pub what: Count,
    /// The rule of [`Count::HandedOff`]; the histogram's bucket of latencies; otherwise empty.
    pub detail: String,
}

impl Counted {
    /// Without a detail.
    #[must_use]
    pub fn plain(tenant: TenantId, day: Day, channel: ChannelId, what: Count) -> Self {
        Self {
            tenant,
            day,
            channel,
            what,
            detail: String::new(),
        }
    }

    /// A conversation that got its first handoff, by the rule that asked.
    #[must_use]
    pub fn handed_off(
        tenant: TenantId,
        day: Day,
        channel: ChannelId,
        rule: Option<RuleId>,
    ) -> Self {
        Self {
            detail: rule.map(|r| r.to_string()).unwrap_or_default(),
            ..Self::plain(tenant, day, channel, Count::HandedOff)
        }
    }
}

/// Whether a contact's word at `now`, while the bot has control, starts a conversation: the first
/// one ever, or the first after a day without any.
#[must_use]
pub fn starts_conversation(
    started_at: Option<Timestamp>,
    last_word: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    match started_at.max(last_word) {
        Some(last) if started_at.is_some() => now.since(last) > SILENCE,
        _ => true,
    }
}
