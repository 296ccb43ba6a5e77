//! The holidays of a country as a list of boxes: closed, unless one says otherwise.

use super::hours_form::DAYS;
use crate::extract::Fields;
use crate::i18n::Lang;
use domain::calendar::{Country, holidays};
use jiff::civil::Date;

/// A holiday to come.
pub(crate) struct HolidayItem {
    /// `2026-12-25`.
    pub date: String,
    /// «viernes 25 dic 2026».
    pub day: String,
    pub name: String,
    /// Open all the same.
    pub open: bool,
}

/// From `today` to the end of the next year.
pub(super) fn coming(country: Country, today: Date, fields: &Fields, l: Lang) -> Vec<HolidayItem> {
    let years = [today.year(), today.year().saturating_add(1)];
    let days = years.into_iter().flat_map(|year| holidays(country, year));
    days.filter(|holiday| holiday.date >= today)
        .map(|holiday| {
            let date = holiday.date.to_string();
            let weekday = usize::try_from(holiday.date.weekday().to_monday_zero_offset());
            let weekday = weekday.ok().and_then(|d| DAYS.get(d)).copied();
            let weekday = weekday.map_or_else(String::new, |d| l.word("day", d).to_lowercase());
            HolidayItem {
                open: fields.all("open_on").any(|open| open == date),
                day: format!("{weekday} {}", l.date(holiday.date)),
                name: holiday.name.to_owned(),
                date,
            }
        })
        .collect()
}
