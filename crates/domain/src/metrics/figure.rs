//! The figures of the dashboard.

use super::histogram::Histogram;
use super::totals::Totals;

/// A figure of the dashboard. What it says in words is the text `figure-<name>-formula` of the
/// locales and of `docs/metrics.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Figure {
    /// Handoffs asked for.
    Handoffs,
    /// Conversations started with at least one handoff ÷ conversations started.
    HandoffRate,
    /// 1 − handoff rate: what the bot solved by itself.
    Containment,
    /// Request → an agent joined, median.
    Assignment,
    /// Request → first human message, median.
    FirstResponse,
    /// The same, 90th percentile.
    FirstResponseP90,
    /// The same, 95th percentile.
    FirstResponseP95,
    /// Request → first human message, counting only the tenant's hours, median.
    FirstResponseOpen,
    /// The contact's first waiting word → the agent's reply, mean.
    Reply,
    /// An agent joined → end, median.
    Resolution,
    /// Ended before a human message ÷ ended.
    Abandonment,
    /// Ended without an agent ÷ ended.
    NoAgent,
    /// Within 24 hours after the same contact's previous handoff ÷ handoffs.
    RepeatDay,
    /// Within 7 days after the same contact's previous handoff ÷ handoffs.
    RepeatWeek,
    /// Rated four or five stars ÷ rated.
    Csat,
}

/// The number of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number of things.
    Count(u64),
    /// A part of a whole; of nothing there is no share.
    Share {
        /// The part.
        part: u64,
        /// The whole.
        whole: u64,
    },
    /// Whole seconds; `None` when nothing was measured.
    Seconds(Option<u64>),
    /// Milliseconds; `None` when nothing was measured.
    Millis(Option<u64>),
}

impl Figure {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 15] = [
        Self::Handoffs,
        Self::HandoffRate,
        Self::Containment,
        Self::Assignment,
        Self::FirstResponse,
        Self::FirstResponseP90,
        Self::FirstResponseP95,
        Self::FirstResponseOpen,
        Self::Reply,
        Self::Resolution,
        Self::Abandonment,
        Self::NoAgent,
        Self::RepeatDay,
        Self::RepeatWeek,
        Self::Csat,
    ];

    /// The name; the ending of its texts' keys and of the address of the rows behind it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Handoffs => "handoffs",
            Self::HandoffRate => "handoff_rate",
            Self::Containment => "containment",
            Self::Assignment => "assignment",
            Self::FirstResponse => "first_response",
            Self::FirstResponseP90 => "first_response_p90",
            Self::FirstResponseP95 => "first_response_p95",
            Self::FirstResponseOpen => "first_response_open",
            Self::Reply => "reply",
            Self::Resolution => "resolution",
            Self::Abandonment => "abandonment",
            Self::NoAgent => "no_agent",
            Self::RepeatDay => "repeat_day",
            Self::RepeatWeek => "repeat_week",
            Self::Csat => "csat",
        }
    }

    /// The number. `started` and `handed_off` are conversations: those that started in the span,
    /// and those among them with at least one handoff.
    #[must_use]
    pub fn of(self, totals: &Totals, started: u64, handed_off: u64) -> Value {
        let share = |part, whole| Value::Share { part, whole };
        let seconds =
            |histogram: &Histogram, percent| Value::Seconds(histogram.percentile(percent));
        match self {
            Self::Handoffs => Value::Count(totals.handoffs),
            Self::HandoffRate => share(handed_off, started),
            Self::Containment => share(started.saturating_sub(handed_off), started),
            Self::Assignment => seconds(&totals.assignment, 50),
            Self::FirstResponse => seconds(&totals.first_response, 50),
            Self::FirstResponseP90 => seconds(&totals.first_response, 90),
            Self::FirstResponseP95 => seconds(&totals.first_response, 95),
            Self::FirstResponseOpen => seconds(&totals.first_response_open, 50),
            Self::Reply => Value::Seconds(
                totals
                    .reply_ms
                    .checked_div(totals.replies)
                    .map(|ms| ms / 1000),
            ),
            Self::Resolution => seconds(&totals.resolution, 50),
            Self::Abandonment => share(totals.abandoned, totals.ended),
            Self::NoAgent => share(totals.no_agent, totals.ended),
            Self::RepeatDay => share(totals.repeat_day, totals.handoffs),
            Self::RepeatWeek => share(totals.repeat_week, totals.handoffs),
            Self::Csat => share(totals.content(), totals.rated()),
        }
    }

    /// How many handoffs stand behind the number: the rows that its address lists. For a share
    /// they are its part, for a duration all that were measured. Containment counts conversations
    /// that have no handoff: there is no row to list.
    #[must_use]
    pub fn rows(self, totals: &Totals, handed_off: u64) -> Option<u64> {
        Some(match self {
            Self::Handoffs => totals.handoffs,
            Self::HandoffRate => handed_off,
            Self::Containment => return None,
            Self::Assignment => totals.assignment.count(),
            Self::FirstResponse
            | Self::FirstResponseP90
            | Self::FirstResponseP95
            | Self::FirstResponseOpen => totals.first_response.count(),
            Self::Reply => totals.replied,
            Self::Resolution => totals.resolution.count(),
            Self::Abandonment => totals.abandoned,
            Self::NoAgent => totals.no_agent,
            Self::RepeatDay => totals.repeat_day,
            Self::RepeatWeek => totals.repeat_week,
            Self::Csat => totals.content(),
        })
    }

    /// Whether more is better, less is better, or neither: how a change is coloured.
    #[must_use]
    pub fn better_when_more(self) -> Option<bool> {
        match self {
            Self::Handoffs | Self::HandoffRate => None,
            Self::Containment | Self::Csat => Some(true),
            _ => Some(false),
        }
    }
}

impl Value {
    /// As one number to compare: a share in percent.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Count(n) => Some(n as f64),
            Self::Share { whole: 0, .. } => None,
            Self::Share { part, whole } => Some(part as f64 * 100.0 / whole as f64),
            Self::Seconds(n) | Self::Millis(n) => n.map(|n| n as f64),
        }
    }
}
