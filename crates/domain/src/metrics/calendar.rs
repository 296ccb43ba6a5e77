//! Days and hours by the clock on the tenant's wall.

use crate::routing::BusinessHours;
use crate::time::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A day in the tenant's time zone: days since 1970-01-01. A handoff keeps the day on which it was
/// asked for, also when the tenant's zone changes later.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Day(pub i32);

/// An instant on the tenant's wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// The day.
    pub day: Day,
    /// The hour, 0 to 23.
    pub hour: u8,
}

/// Longer than any handoff lasts; past it the time within hours is no longer counted day by day.
const MOST_DAYS: usize = 400;

impl Day {
    /// The first day, 1970-01-01.
    const FIRST: Date = Date::constant(1970, 1, 1);

    /// The day as a date; `None` past the calendar's end.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        let days = Span::new().try_days(self.0).ok()?;
        Self::FIRST.checked_add(days).ok()
    }

    /// From a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(Self::FIRST.until(date).map_or(0, |span| span.get_days()))
    }

    /// From `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().map(Self::of)
    }

    /// `YYYY-MM-DD`.
    #[must_use]
    pub fn text(self) -> String {
        self.date()
            .map_or_else(String::new, |date| date.to_string())
    }

    /// So many days later, or earlier.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// 0 = Monday to 6 = Sunday.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((i64::from(self.0) + 3).rem_euclid(7)).unwrap_or(0)
    }
}

impl Local {
    /// The tenant's day and hour at an instant; an unknown zone counts as UTC.
    #[must_use]
    pub fn of(zone: &str, at: Timestamp) -> Self {
        let zone = TimeZone::get(zone.trim()).unwrap_or(TimeZone::UTC);
        at.to_jiff().map_or_else(Self::default, |instant| {
            let zoned = instant.to_zoned(zone);
            Self {
                day: Day::of(zoned.date()),
                hour: u8::try_from(zoned.hour()).unwrap_or(0),
            }
        })
    }
}

/// How much of the time from `from` to `to` lay within the tenant's hours.
#[must_use]
pub fn open_between(hours: &BusinessHours, from: Timestamp, to: Timestamp) -> Duration {
    let zone = TimeZone::get(hours.time_zone.trim()).unwrap_or(TimeZone::UTC);
    let (Some(first), Some(last)) = (from.to_jiff(), to.to_jiff()) else {
        return Duration::ZERO;
    };
    let first = first.to_zoned(zone.clone()).date();
    let last = last.to_zoned(zone.clone()).date();
    let mut open = 0_i64;
    for date in first.series(1.day()).take(MOST_DAYS) {
        if date > last {
            break;
        }
        for (begin, end) in spans(hours, date) {
            let (Some(begin), Some(end)) = (instant(date, begin, &zone), instant(date, end, &zone))
            else {
                continue;
            };
            open += (end.min(to.0) - begin.max(from.0)).max(0);
        }
    }
    Duration::from_millis(u64::try_from(open).unwrap_or(0))
}

/// The open spans of a date in minutes, in order, none overlapping another.
fn spans(hours: &BusinessHours, date: Date) -> Vec<(u16, u16)> {
    let closed = |day: &String| day.trim().parse::<Date>().is_ok_and(|d| d == date);
    if hours.holidays.iter().any(closed) {
        return Vec::new();
    }
    if hours.week.is_empty() {
        return vec![(0, 1440)];
    }
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    let mut spans: Vec<(u16, u16)> = hours
        .week
        .get(weekday)
        .map(|day| day.open.clone())
        .unwrap_or_default();
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::new();
    for (from, to) in spans {
        let to = to.min(1440);
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// The instant of a minute of a date. A minute that the clock skips is the one after the gap.
fn instant(date: Date, minute: u16, zone: &TimeZone) -> Option<i64> {
    let (date, time) = if minute >= 1440 {
        (date.tomorrow().ok()?, Time::midnight())
    } else {
        let (hour, minute) = (
            i8::try_from(minute / 60).ok()?,
            i8::try_from(minute % 60).ok()?,
        );
        (date, Time::new(hour, minute, 0, 0).ok()?)
    };
    let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().as_millisecond())
}
