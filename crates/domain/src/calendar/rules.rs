//! How the laws place a holiday in a year.

use super::Holiday;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A year that is being filled with holidays.
pub(super) struct Year {
    year: i16,
    easter: Option<Date>,
    days: Vec<Holiday>,
}

/// To where the law moves a holiday that falls on this day of the week: by so many days.
pub(super) type Transfer = fn(Weekday) -> i32;

impl Year {
    pub fn new(year: i16) -> Self {
        Self {
            year,
            easter: easter(year),
            days: Vec::with_capacity(20),
        }
    }

    pub fn number(&self) -> i16 {
        self.year
    }

    pub fn done(self) -> Vec<Holiday> {
        self.days
    }

    /// Always on the same day.
    pub fn on(&mut self, month: i8, day: i8, name: &'static str) {
        self.moved(month, day, name, |_| 0);
    }

    /// On this day, or where the law moves it.
    pub fn moved(&mut self, month: i8, day: i8, name: &'static str, transfer: Transfer) {
        let date = Date::new(self.year, month, day).ok();
        let moved = date.and_then(|date| later(date, transfer(date.weekday())));
        self.push(moved, name);
    }

    /// So many days after (or before) Easter Sunday.
    pub fn easter(&mut self, days: i32, name: &'static str) {
        let date = self.easter.and_then(|easter| later(easter, days));
        self.push(date, name);
    }

    /// The first, second, third … of that weekday in a month.
    pub fn nth(&mut self, month: i8, nth: i8, weekday: Weekday, name: &'static str) {
        let first = Date::new(self.year, month, 1).ok();
        let date = first.and_then(|first| first.nth_weekday_of_month(nth, weekday).ok());
        self.push(date, name);
    }

    /// Which day of the week a date of this year is.
    pub fn weekday(&self, month: i8, day: i8) -> Option<Weekday> {
        Date::new(self.year, month, day).ok().map(Date::weekday)
    }

    fn push(&mut self, date: Option<Date>, name: &'static str) {
        self.days.extend(date.map(|date| Holiday { date, name }));
    }
}

fn later(date: Date, days: i32) -> Option<Date> {
    date.checked_add(days.days()).ok()
}

/// Easter Sunday by the Gregorian calendar (the anonymous algorithm of 1876).
pub(super) fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    let (month, day) = (sum / 31, sum % 31 + 1);
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// Colombia, Law 51 of 1983 («Ley Emiliani»): to the following Monday.
pub(super) fn following_monday(day: Weekday) -> i32 {
    (7 - i32::from(day.to_monday_zero_offset())) % 7
}

/// Argentina, Law 27.399: from Tuesday and Wednesday to the Monday before, from Thursday and
/// Friday to the Monday after.
pub(super) fn argentine(day: Weekday) -> i32 {
    match day {
        Weekday::Tuesday => -1,
        Weekday::Wednesday => -2,
        Weekday::Thursday => 4,
        Weekday::Friday => 3,
        Weekday::Monday | Weekday::Saturday | Weekday::Sunday => 0,
    }
}

/// Chile, Law 19.668: from Tuesday to Thursday to the Monday before, from Friday to the Monday
/// after.
pub(super) fn chilean(day: Weekday) -> i32 {
    match day {
        Weekday::Tuesday => -1,
        Weekday::Wednesday => -2,
        Weekday::Thursday => -3,
        Weekday::Friday => 3,
        Weekday::Monday | Weekday::Saturday | Weekday::Sunday => 0,
    }
}

/// Chile, Law 20.299, for 31 October alone: from Tuesday to the Friday before, from Wednesday to
/// the Friday after.
pub(super) fn reformation(day: Weekday) -> i32 {
    match day {
        Weekday::Tuesday => -4,
        Weekday::Wednesday => 2,
        _ => 0,
    }
}
