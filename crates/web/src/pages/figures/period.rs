//! A span of days, chosen by name or by its ends.

use crate::extract::Fields;
use crate::i18n::Lang;
use crate::pages::parts::Choice;
use domain::metrics::Day;

/// The longest span that is added up for a page.
const MOST_DAYS: i32 = 366;

/// A span of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub from: Day,
    pub to: Day,
    /// `today`, `7`, `30`, `90` or `custom`.
    pub name: &'static str,
}

const NAMES: [&str; 5] = ["today", "7", "30", "90", "custom"];

impl Period {
    /// The last `days` days, today included.
    fn last(name: &'static str, days: i32, today: Day) -> Self {
        Self {
            from: today.plus(1 - days),
            to: today,
            name,
        }
    }

    /// From the fields `period`, `from` and `to`; `usual` days when nothing can be read. Ends that
    /// were turned round are turned back, and a span of years is cut to its last year.
    pub fn of(query: &Fields, today: Day, usual: &'static str) -> Self {
        let chosen = NAMES.into_iter().find(|n| *n == query.get("period"));
        let ends = (Day::parse(query.get("from")), Day::parse(query.get("to")));
        match (chosen.unwrap_or(usual), ends) {
            ("today", _) => Self::last("today", 1, today),
            ("custom", (None, None)) => Self::of(&Fields::default(), today, usual),
            ("custom", (from, to)) => {
                let (from, to) = (from.or(to).unwrap_or(today), to.unwrap_or(today));
                let (from, to) = (from.min(to), from.max(to));
                Self {
                    from: from.max(to.plus(1 - MOST_DAYS)),
                    to,
                    name: "custom",
                }
            }
            ("30", _) => Self::last("30", 30, today),
            ("90", _) => Self::last("90", 90, today),
            _ => Self::last("7", 7, today),
        }
    }

    /// How many days.
    pub fn days(&self) -> i32 {
        self.to.0 - self.from.0 + 1
    }

    /// The span of the same length before.
    pub fn previous(&self) -> Self {
        Self {
            from: self.from.plus(-self.days()),
            to: self.from.plus(-1),
            name: "custom",
        }
    }

    /// For an address that stays true tomorrow.
    pub fn query(&self) -> String {
        format!(
            "period=custom&from={}&to={}",
            self.from.text(),
            self.to.text()
        )
    }

    /// The choices of a select.
    pub fn choices(&self, l: Lang) -> Vec<Choice> {
        NAMES
            .into_iter()
            .map(|name| Choice::new(name, l.word("period", name), name == self.name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(query: &str) -> (String, String, &'static str) {
        let today = Day::parse("2026-11-22").unwrap_or_default();
        let period = Period::of(&Fields::parse(query.as_bytes()), today, "30");
        (period.from.text(), period.to.text(), period.name)
    }

    #[test]
    fn a_span_is_read_however_it_was_written() {
        let cases = [
            ("period=today", ("2026-11-22", "2026-11-22", "today")),
            ("period=7", ("2026-11-16", "2026-11-22", "7")),
            ("", ("2026-10-24", "2026-11-22", "30")),
            ("period=custom", ("2026-10-24", "2026-11-22", "30")),
            ("period=nunca", ("2026-10-24", "2026-11-22", "30")),
            (
                "period=custom&from=2026-11-05&to=2026-11-01",
                ("2026-11-01", "2026-11-05", "custom"),
            ),
            (
                "period=custom&from=2026-11-05",
                ("2026-11-05", "2026-11-22", "custom"),
            ),
            (
                "period=custom&from=1990-01-01&to=2026-11-22",
                ("2025-11-22", "2026-11-22", "custom"),
            ),
        ];
        for (query, (from, to, name)) in cases {
            assert_eq!(
                period(query),
                (from.to_owned(), to.to_owned(), name),
                "{query}"
            );
        }
    }

    #[test]
    fn the_span_before_is_as_long_and_ends_the_day_before() {
        let today = Day::parse("2026-11-22").unwrap_or_default();
        let period = Period::of(&Fields::parse(b"period=7"), today, "7");
        let before = period.previous();
        assert_eq!(
            (before.from.text(), before.to.text()),
            ("2026-11-09".into(), "2026-11-15".into())
        );
    }
}
