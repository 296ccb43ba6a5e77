//! Public holidays, computed: nobody has to type the movable ones again every year.
//!
//! Only the days on which a whole country rests by law. What a region, a trade or a decree of
//! the moment adds (elections, bridge days, Carnival in Brazil) a tenant adds as days of its own.
//!
//! The laws are named with each country, as their official gazettes have them: argentina.gob.ar
//! (InfoLEG), planalto.gov.br, bcn.cl (Ley Chile), funcionpublica.gov.co and suin-juriscol.gov.co,
//! boe.es, dof.gob.mx, El Peruano. The years 2025 to 2028 were compared day by day with two
//! collections that cite the same texts, the Python packages `holidays` 0.109 and `workalendar`
//! 17; where they differ from us it is in Sundays (Easter), days that move only in some Spanish
//! communities, bank holidays, and days on which the employer decides.

mod countries;
mod rules;

pub use countries::Country;

use jiff::civil::Date;

/// A public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holiday {
    /// The day on which people rest, after any transfer to another day of the week.
    pub date: Date,
    /// What it is called in its own country.
    pub name: &'static str,
}

/// The holidays of a country in a year, in order; none outside the years 1900 to 2199, for which
/// the laws of today mean nothing.
///
/// The laws are those in force in 2026, applied to every year. Two holidays can fall on one day.
#[must_use]
pub fn holidays(country: Country, year: i16) -> Vec<Holiday> {
    if !(1900..2200).contains(&year) {
        return Vec::new();
    }
    let mut days = country.year(year);
    days.sort();
    days
}

/// The holiday on a day, if it is one.
#[must_use]
pub fn holiday_on(country: Country, date: Date) -> Option<Holiday> {
    holidays(country, date.year())
        .into_iter()
        .find(|holiday| holiday.date == date)
}
