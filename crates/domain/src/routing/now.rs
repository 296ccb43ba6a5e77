//! Whether humans are there now, and when that changes.

use super::hours::{BusinessHours, ClosedDay};
use crate::time::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// How far ahead the next change is looked for.
const DAYS_AHEAD: i32 = 400;

/// What the hours say of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursNow {
    /// Whether humans are there.
    pub open: bool,
    /// When that changes next; `None` if it does not within a year.
    pub until: Option<Timestamp>,
    /// Why it is closed the whole day, if it is.
    pub closed_day: Option<ClosedDay>,
}

impl BusinessHours {
    /// Whether humans are there now, and when that changes.
    #[must_use]
    pub fn now(&self, now: Timestamp) -> HoursNow {
        let open = self.is_open(now);
        let zone = self.zone().unwrap_or(TimeZone::UTC);
        let today = now.to_jiff().map(|t| t.to_zoned(zone.clone()).date());
        let changes = |at: &Timestamp| *at > now && self.is_open(*at) != open;
        HoursNow {
            open,
            until: today.and_then(|today| {
                (0..DAYS_AHEAD)
                    .filter_map(|days| today.checked_add(days.days()).ok())
                    .flat_map(|day| self.edges(day, &zone))
                    .find(changes)
            }),
            closed_day: today.and_then(|today| self.closed_day(today)),
        }
    }

    /// The instants of a day at which something can change, in order: midnight, and where a span
    /// begins or ends.
    fn edges(&self, day: Date, zone: &TimeZone) -> Vec<Timestamp> {
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).ok();
        let spans = weekday.and_then(|w| self.week.get(w)).map(|d| &d.open);
        let mut minutes: Vec<u16> = spans
            .into_iter()
            .flatten()
            .flat_map(|(from, to)| [*from, *to])
            .chain([0])
            .filter(|minute| *minute < 24 * 60)
            .collect();
        minutes.sort_unstable();
        minutes
            .into_iter()
            .filter_map(|minute| {
                let (hour, minute) = (minute / 60, minute % 60);
                let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
                let local = day.to_datetime(time.ok()?);
                // A time that the clocks skip is the instant at which they jump.
                let at = zone.to_ambiguous_timestamp(local).compatible().ok()?;
                Some(Timestamp(at.as_millisecond()))
            })
            .collect()
    }
}
