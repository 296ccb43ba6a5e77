//! When humans are there.

use crate::calendar::{Country, holiday_on};
use crate::tenant::Language;
use crate::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

const MINUTES_OF_A_DAY: u16 = 24 * 60;

/// Weekly hours and holidays in the tenant's time zone. Without any hours, always open but on
/// holidays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BusinessHours {
    /// IANA name, e.g. `America/Santiago`.
    pub time_zone: String,
    /// Monday first; empty = always open.
    pub week: Vec<DayHours>,
    /// Closed days of the tenant's own, `YYYY-MM-DD` in the tenant's zone.
    pub holidays: Vec<String>,
    /// Closed on this country's public holidays, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Days on which it is open as usual although they are public holidays, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_on: Vec<String>,
}

impl Default for BusinessHours {
    fn default() -> Self {
        Self {
            time_zone: "America/Santiago".to_owned(),
            week: Vec::new(),
            holidays: Vec::new(),
            country: None,
            open_on: Vec::new(),
        }
    }
}

/// The open spans of one day of the week, in minutes from midnight by the clock on the wall,
/// `[from, to)`. A night shift is two spans: until 1440, and from 0 on the next day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayHours {
    /// Open spans.
    pub open: Vec<(u16, u16)>,
}

/// Why it is closed all day long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedDay {
    /// The tenant closes on this day.
    Own,
    /// A public holiday, by its name.
    Holiday(&'static str),
}

/// What is wrong with the hours, for the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoursProblem {
    /// No such time zone: the hours are read in UTC until it is corrected.
    UnknownZone {
        /// The name as written.
        name: String,
    },
    /// A span that is empty, turned round or longer than the day: it is left out.
    BadSpan {
        /// The day, 0 = Monday.
        day: usize,
        /// Minutes from midnight.
        from: u16,
        /// Minutes from midnight.
        to: u16,
    },
    /// More than seven days.
    TooManyDays,
    /// Not a date: it is left out.
    BadHoliday {
        /// The date as written.
        date: String,
    },
}

impl BusinessHours {
    /// Whether humans are there at this instant.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let zone = self.zone().unwrap_or(TimeZone::UTC);
        let Some(local) = now.to_jiff().map(|instant| instant.to_zoned(zone)) else {
            return self.week.is_empty(); // no calendar has this year
        };
        if self.closed_day(local.date()).is_some() {
            return false;
        }
        if self.week.is_empty() {
            return true;
        }
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let weekday = local.weekday().to_monday_zero_offset();
        let hours = usize::try_from(weekday)
            .ok()
            .and_then(|day| self.week.get(day));
        hours.is_some_and(|day| {
            day.open
                .iter()
                .any(|(from, to)| (i32::from(*from)..i32::from(*to)).contains(&minute))
        })
    }

    /// Why it is closed all day long, if it is: a day of the tenant's own, or a holiday.
    #[must_use]
    pub fn closed_day(&self, today: Date) -> Option<ClosedDay> {
        let among = |days: &[String]| days.iter().any(|day| date(day) == Some(today));
        if among(&self.holidays) {
            return Some(ClosedDay::Own);
        }
        let holiday = holiday_on(self.country?, today)?;
        (!among(&self.open_on)).then_some(ClosedDay::Holiday(holiday.name))
    }

    /// Everything that is wrong with the hours.
    #[must_use]
    pub fn validate(&self) -> Vec<HoursProblem> {
        let mut problems = Vec::new();
        if self.zone().is_none() {
            problems.push(HoursProblem::UnknownZone {
                name: self.time_zone.clone(),
            });
        }
        if self.week.len() > 7 {
            problems.push(HoursProblem::TooManyDays);
        }
        for (day, hours) in self.week.iter().enumerate() {
            for &(from, to) in &hours.open {
                if from >= to || to > MINUTES_OF_A_DAY {
                    problems.push(HoursProblem::BadSpan { day, from, to });
                }
            }
        }
        let days = self.holidays.iter().chain(&self.open_on);
        for day in days.filter(|day| date(day).is_none()) {
            problems.push(HoursProblem::BadHoliday { date: day.clone() });
        }
        problems
    }

    pub(super) fn zone(&self) -> Option<TimeZone> {
        TimeZone::get(self.time_zone.trim()).ok()
    }
}

impl HoursProblem {
    /// In plain words.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match (self, language) {
            (Self::UnknownZone { name }, Language::Es) => {
                format!("No conocemos la zona horaria «{name}».")
            }
            (Self::UnknownZone { name }, Language::En) => {
                format!("We do not know the time zone “{name}”.")
            }
            (Self::UnknownZone { name }, Language::Pt) => {
                format!("Não conhecemos o fuso horário «{name}».")
            }
            (Self::BadSpan { from, to, .. }, language) => {
                let (from, to) = (clock(*from), clock(*to));
                match language {
                    Language::Es => format!(
                        "El horario de {from} a {to} no es válido: debe empezar antes de terminar. Si cruza la medianoche, divídelo en dos días."
                    ),
                    Language::En => format!(
                        "The hours from {from} to {to} are not valid: they must begin before they end. If they cross midnight, split them over two days."
                    ),
                    Language::Pt => format!(
                        "O horário de {from} a {to} não é válido: deve começar antes de terminar. Se passar da meia-noite, divida-o em dois dias."
                    ),
                }
            }
            (Self::TooManyDays, Language::Es) => "La semana tiene más de siete días.".into(),
            (Self::TooManyDays, Language::En) => "The week has more than seven days.".into(),
            (Self::TooManyDays, Language::Pt) => "A semana tem mais de sete dias.".into(),
            (Self::BadHoliday { date }, Language::Es) => {
                format!("«{date}» no es una fecha. Escríbela como 2027-09-18.")
            }
            (Self::BadHoliday { date }, Language::En) => {
                format!("“{date}” is not a date. Write it like 2027-09-18.")
            }
            (Self::BadHoliday { date }, Language::Pt) => {
                format!("«{date}» não é uma data. Escreva-a como 2027-09-18.")
            }
        }
    }
}

/// 555 is 09:15.
fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn date(written: &str) -> Option<Date> {
    written.trim().parse().ok()
}
