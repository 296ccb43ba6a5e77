//! Sums over handoffs. They can be added in any order.

use super::fact::Fact;
use super::histogram::Histogram;
use crate::routing::BusinessHours;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The upper ends of the bars of the first-response chart, in seconds; the last bar is open.
pub const RESPONSE_BANDS: [u64; 7] = [30, 60, 120, 300, 900, 3600, 14_400];

const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Sums over handoffs. Durations are in whole seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Handoffs asked for.
    #[serde(rename = "n")]
    pub handoffs: u64,
    /// Of these, ended.
    #[serde(rename = "e", skip_serializing_if = "is_zero")]
    pub ended: u64,
    /// Of these, ended before a human message.
    #[serde(rename = "ab", skip_serializing_if = "is_zero")]
    pub abandoned: u64,
    /// Of these, ended without an agent.
    #[serde(rename = "na", skip_serializing_if = "is_zero")]
    pub no_agent: u64,
    /// Asked for within 24 hours after the same contact's previous one.
    #[serde(rename = "r1", skip_serializing_if = "is_zero")]
    pub repeat_day: u64,
    /// Asked for within 7 days after the same contact's previous one.
    #[serde(rename = "r7", skip_serializing_if = "is_zero")]
    pub repeat_week: u64,
    /// Ratings: how many of one to five stars.
    #[serde(rename = "st", skip_serializing_if = "is_all_zero")]
    pub stars: [u64; 5],
    /// Ended handoffs with at least one reply.
    #[serde(rename = "rh", skip_serializing_if = "is_zero")]
    pub replied: u64,
    /// Agents' replies after the first response.
    #[serde(rename = "re", skip_serializing_if = "is_zero")]
    pub replies: u64,
    /// Milliseconds waited for them.
    #[serde(rename = "rms", skip_serializing_if = "is_zero")]
    pub reply_ms: u64,
    /// Messages of contacts in ended handoffs.
    #[serde(rename = "cm", skip_serializing_if = "is_zero")]
    pub contact_messages: u64,
    /// Messages of agents in ended handoffs.
    #[serde(rename = "am", skip_serializing_if = "is_zero")]
    pub agent_messages: u64,
    /// Request → an agent joined.
    #[serde(rename = "ha", skip_serializing_if = "Histogram::is_empty")]
    pub assignment: Histogram,
    /// Request → first human message.
    #[serde(rename = "hf", skip_serializing_if = "Histogram::is_empty")]
    pub first_response: Histogram,
    /// The part of that within the tenant's hours.
    #[serde(rename = "ho", skip_serializing_if = "Histogram::is_empty")]
    pub first_response_open: Histogram,
    /// An agent joined → end.
    #[serde(rename = "hr", skip_serializing_if = "Histogram::is_empty")]
    pub resolution: Histogram,
    /// First responses by the bars of [`RESPONSE_BANDS`].
    #[serde(rename = "b", skip_serializing_if = "is_all_zero")]
    pub bands: [u64; 8],
    /// Handoffs by the hour of their request, 0 to 23 on the tenant's wall.
    #[serde(rename = "h")]
    pub hours: BTreeMap<u8, u64>,
}

/// The bar that a first response belongs to, 0 to 7.
#[must_use]
pub fn band_of(first_response: Duration) -> usize {
    let millis = first_response.as_millis();
    let below = |end: &&u64| millis >= u128::from(**end) * 1000;
    RESPONSE_BANDS.iter().take_while(below).count()
}

impl Totals {
    /// Counts one handoff.
    pub fn count(&mut self, fact: &Fact, hours: &BusinessHours) {
        self.handoffs += 1;
        self.ended += u64::from(fact.ended_at.is_some());
        self.abandoned += u64::from(fact.is_abandoned());
        self.no_agent += u64::from(fact.is_without_agent());
        self.repeat_day += u64::from(fact.is_repeat_within(DAY));
        self.repeat_week += u64::from(fact.is_repeat_within(WEEK));
        let star = fact.rating.and_then(|r| usize::from(r).checked_sub(1));
        if let Some(count) = star.and_then(|i| self.stars.get_mut(i)) {
            *count += 1;
        }
        let sum = |n: i64| u64::try_from(n).unwrap_or(0);
        self.replied += u64::from(fact.exchange.replies > 0);
        self.replies += sum(fact.exchange.replies);
        self.reply_ms += sum(fact.exchange.reply_ms);
        self.contact_messages += sum(fact.exchange.contact_messages);
        self.agent_messages += sum(fact.exchange.agent_messages);
        if let Some(span) = fact.time_to_assignment() {
            self.assignment.record(span.as_secs());
        }
        if let (Some(span), Some(at)) = (fact.first_response(), fact.first_human_at) {
            self.first_response.record(span.as_secs());
            let open = super::calendar::open_between(hours, fact.requested_at, at);
            self.first_response_open.record(open.as_secs());
            if let Some(count) = self.bands.get_mut(band_of(span)) {
                *count += 1;
            }
        }
        if let Some(span) = fact.resolution() {
            self.resolution.record(span.as_secs());
        }
        *self.hours.entry(fact.local.hour).or_default() += 1;
    }

    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        self.handoffs += other.handoffs;
        self.ended += other.ended;
        self.abandoned += other.abandoned;
        self.no_agent += other.no_agent;
        self.repeat_day += other.repeat_day;
        self.repeat_week += other.repeat_week;
        self.replied += other.replied;
        self.replies += other.replies;
        self.reply_ms += other.reply_ms;
        self.contact_messages += other.contact_messages;
        self.agent_messages += other.agent_messages;
        for (mine, more) in self.stars.iter_mut().zip(other.stars) {
            *mine += more;
        }
        for (mine, more) in self.bands.iter_mut().zip(other.bands) {
            *mine += more;
        }
        self.assignment.add(&other.assignment);
        self.first_response.add(&other.first_response);
        self.first_response_open.add(&other.first_response_open);
        self.resolution.add(&other.resolution);
        for (hour, more) in &other.hours {
            *self.hours.entry(*hour).or_default() += more;
        }
    }

    /// How many handoffs were rated.
    #[must_use]
    pub fn rated(&self) -> u64 {
        self.stars.iter().sum()
    }

    /// How many were rated with four or five stars.
    #[must_use]
    pub fn content(&self) -> u64 {
        let [_, _, _, four, five] = self.stars;
        four + five
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands a reference
fn is_zero(n: &u64) -> bool {
    *n == 0
}

fn is_all_zero(numbers: &[u64]) -> bool {
    numbers.iter().all(|n| *n == 0)
}
