//! A histogram that can be added and that answers percentiles.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Up to here every value has a bucket of its own.
const EXACT: u64 = 64;
/// Above, so many buckets per doubling: a bucket is at most 1/32 of its value wide.
const PER_DOUBLING: u64 = 32;

/// How often which value was seen. Values below 64 are exact, larger ones are kept to within
/// 1.6 % (half a bucket). The unit is the user's: seconds of waiting, milliseconds of relaying.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(BTreeMap<u16, u64>);

impl Histogram {
    /// The bucket of a value; also its stored name.
    #[must_use]
    pub fn bucket(value: u64) -> u16 {
        if value < EXACT {
            return u16::try_from(value).unwrap_or(0);
        }
        // `value >> shift` lies in 32..64.
        let shift = u64::from(value.ilog2()) - 5;
        let index = shift * PER_DOUBLING + (value >> shift);
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    /// The value that stands for a bucket: its middle.
    #[must_use]
    pub fn value(bucket: u16) -> u64 {
        let bucket = u64::from(bucket);
        if bucket < EXACT {
            return bucket;
        }
        let shift = bucket / PER_DOUBLING - 1;
        let low = (bucket - shift * PER_DOUBLING) << shift.min(57);
        low.saturating_add(((1_u64 << shift.min(57)) - 1) / 2)
    }

    /// Notes a value.
    pub fn record(&mut self, value: u64) {
        self.add_bucket(Self::bucket(value), 1);
    }

    /// Notes a bucket so many times.
    pub fn add_bucket(&mut self, bucket: u16, times: u64) {
        if times > 0 {
            *self.0.entry(bucket).or_default() += times;
        }
    }

    /// Adds another histogram.
    pub fn add(&mut self, other: &Self) {
        for (bucket, times) in &other.0 {
            self.add_bucket(*bucket, *times);
        }
    }

    /// How many values were noted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many values lie below `end`; those of the bucket in which it lies count as not below.
    #[must_use]
    pub fn below(&self, end: u64) -> u64 {
        self.0
            .range(..Self::bucket(end))
            .map(|(_, times)| times)
            .sum()
    }

    /// The smallest value that at least `percent` % of the values do not exceed (nearest rank).
    #[must_use]
    pub fn percentile(&self, percent: u8) -> Option<u64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let rank = (count * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, times) in &self.0 {
            seen += times;
            if seen >= rank {
                return Some(Self::value(*bucket));
            }
        }
        None
    }
}
