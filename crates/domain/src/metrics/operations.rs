//! How well messages travel.

use super::count::{Count, Counted};
use super::figure::Value;
use super::histogram::Histogram;

/// How well messages travelled in a span of days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Contact → Let's Talk, milliseconds.
    pub to_desk: Histogram,
    /// Agent → contact, milliseconds.
    pub to_contact: Histogram,
    /// Tries given up.
    pub failed: u64,
    /// Messages that needed more than one try.
    pub retried: u64,
    /// Repeats that changed nothing.
    pub duplicates: u64,
    /// Messages that the listing brought.
    pub gaps_repaired: u64,
    /// On their way at this moment.
    pub waiting: u64,
}

/// One tile of the operations tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Contact → Let's Talk, median.
    ToDeskP50,
    /// Contact → Let's Talk, 95th percentile.
    ToDeskP95,
    /// Agent → contact, median.
    ToContactP50,
    /// Agent → contact, 95th percentile.
    ToContactP95,
    /// On their way at this moment.
    Waiting,
    /// Tries given up.
    Failed,
    /// Messages that needed more than one try.
    Retried,
    /// Messages that the listing brought.
    GapsRepaired,
    /// Repeats that changed nothing.
    Duplicates,
}

impl Operations {
    /// Adds a count.
    pub fn count(&mut self, counted: &Counted, times: u64) {
        let bucket = || counted.detail.parse().unwrap_or(0);
        match counted.what {
            Count::ToDesk => self.to_desk.add_bucket(bucket(), times),
            Count::ToContact => self.to_contact.add_bucket(bucket(), times),
            Count::Failed => self.failed += times,
            Count::Retried => self.retried += times,
            Count::Duplicates => self.duplicates += times,
            Count::GapsRepaired => self.gaps_repaired += times,
            Count::Started | Count::HandedOff => {}
        }
    }
}

impl Operation {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::ToDeskP50,
        Self::ToDeskP95,
        Self::ToContactP50,
        Self::ToContactP95,
        Self::Waiting,
        Self::Failed,
        Self::Retried,
        Self::GapsRepaired,
        Self::Duplicates,
    ];

    /// The name; the ending of its texts' keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ToDeskP50 => "to_desk_p50",
            Self::ToDeskP95 => "to_desk_p95",
            Self::ToContactP50 => "to_contact_p50",
            Self::ToContactP95 => "to_contact_p95",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Retried => "retried",
            Self::GapsRepaired => "gaps_repaired",
            Self::Duplicates => "duplicates",
        }
    }

    /// The number.
    #[must_use]
    pub fn of(self, operations: &Operations) -> Value {
        let millis = |histogram: &Histogram, percent| Value::Millis(histogram.percentile(percent));
        match self {
            Self::ToDeskP50 => millis(&operations.to_desk, 50),
            Self::ToDeskP95 => millis(&operations.to_desk, 95),
            Self::ToContactP50 => millis(&operations.to_contact, 50),
            Self::ToContactP95 => millis(&operations.to_contact, 95),
            Self::Waiting => Value::Count(operations.waiting),
            Self::Failed => Value::Count(operations.failed),
            Self::Retried => Value::Count(operations.retried),
            Self::GapsRepaired => Value::Count(operations.gaps_repaired),
            Self::Duplicates => Value::Count(operations.duplicates),
        }
    }
}
