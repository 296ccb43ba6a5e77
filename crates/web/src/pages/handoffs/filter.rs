//! The filter of the history, from an address and back.

use crate::extract::Fields;
use crate::pages::figures::period::Period;
use adapters::store::{HistoryCursor, HistoryFilter, Only};
use domain::handoff::{EndReason, HandoffReason};
use domain::ids::HandoffId;
use domain::metrics::Day;
use domain::time::Timestamp;
use std::fmt::Write;

/// The chosen filter with its span of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub period: Period,
    pub filter: HistoryFilter,
}

impl Chosen {
    /// From the fields of an address; what cannot be read is as if nothing were chosen.
    pub fn of(query: &Fields, today: Day) -> Self {
        let period = Period::of(query, today, "30");
        let only = only_named(query.get("only"));
        // What is open now is open whatever its day.
        let any_day = matches!(only, Some(Only::Open | Only::Waiting));
        let rating = query.get("rating").parse().ok();
        Self {
            period,
            filter: HistoryFilter {
                from: (!any_day).then_some(period.from),
                to: (!any_day).then_some(period.to),
                channel: query.get("channel").parse().ok(),
                rule: query.get("rule").parse().ok(),
                agent: query.get("agent").parse().ok(),
                reason: HandoffReason::from_name(query.get("reason")),
                end: EndReason::from_name(query.get("end")),
                rating: rating.filter(|stars| (1..=5).contains(stars)),
                only,
                tests: false,
            },
        }
    }

    /// Whether more is chosen than a span of days.
    pub fn is_narrow(&self) -> bool {
        let only_days = HistoryFilter {
            from: self.filter.from,
            to: self.filter.to,
            ..HistoryFilter::default()
        };
        self.filter != only_days
    }

    /// As fields of an address.
    pub fn query(&self) -> String {
        let mut query = if self.period.name == "custom" {
            self.period.query()
        } else {
            format!("period={}", self.period.name)
        };
        let f = &self.filter;
        let fields = [
            ("channel", f.channel.map(|c| c.to_string())),
            ("rule", f.rule.map(|r| r.to_string())),
            ("agent", f.agent.map(|a| a.to_string())),
            ("reason", f.reason.map(|r| r.name().to_owned())),
            ("end", f.end.map(|e| e.name().to_owned())),
            ("rating", f.rating.map(|r| r.to_string())),
            ("only", f.only.map(only_name)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                // Writing to a text cannot fail.
                let _ = write!(query, "&{name}={value}");
            }
        }
        query
    }
}

/// The name of the rows behind a number, in addresses.
pub(crate) fn only_name(only: Only) -> String {
    match only {
        Only::Open => "open".to_owned(),
        Only::Waiting => "waiting".to_owned(),
        Only::Accepted => "accepted".to_owned(),
        Only::Answered => "answered".to_owned(),
        Only::Replied => "replied".to_owned(),
        Only::Resolved => "resolved".to_owned(),
        Only::Abandoned => "abandoned".to_owned(),
        Only::NoAgent => "no_agent".to_owned(),
        Only::RepeatDay => "repeat_day".to_owned(),
        Only::RepeatWeek => "repeat_week".to_owned(),
        Only::First => "first".to_owned(),
        Only::Content => "content".to_owned(),
        Only::Band(band) => format!("band-{band}"),
        Only::Slot { weekday, hour } => format!("slot-{weekday}-{hour}"),
    }
}

/// From its name.
pub(crate) fn only_named(name: &str) -> Option<Only> {
    let plain = [
        Only::Open,
        Only::Waiting,
        Only::Accepted,
        Only::Answered,
        Only::Replied,
        Only::Resolved,
        Only::Abandoned,
        Only::NoAgent,
        Only::RepeatDay,
        Only::RepeatWeek,
        Only::First,
        Only::Content,
    ];
    if let Some(band) = name.strip_prefix("band-") {
        return Some(Only::Band(band.parse().ok().filter(|b| *b < 8)?));
    }
    if let Some((weekday, hour)) = name.strip_prefix("slot-").and_then(|s| s.split_once('-')) {
        let weekday = weekday.parse().ok().filter(|d| *d < 7)?;
        let hour = hour.parse().ok().filter(|h| *h < 24)?;
        return Some(Only::Slot { weekday, hour });
    }
    plain.into_iter().find(|only| only_name(*only) == name)
}

/// `<milliseconds>_<handoff id>`; anything else is the beginning.
pub(crate) fn cursor(text: &str) -> Option<HistoryCursor> {
    let (at, id) = text.split_once('_')?;
    Some(HistoryCursor {
        at: Timestamp(at.parse().ok()?),
        id: id.parse::<HandoffId>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_made_of_a_filter_chooses_it_again() {
        let today = Day(20_779);
        let all = "period=custom&from=2026-11-01&to=2026-11-20&channel=00000000-0000-0000-0000-000000000001\
            &rule=00000000-0000-0000-0000-000000000002&agent=7&reason=keyword&end=agent_closed&rating=4&only=slot-6-23";
        for query in [
            "period=7",
            all,
            "period=30&only=band-7",
            "period=today&only=waiting",
        ] {
            let chosen = Chosen::of(&Fields::parse(query.as_bytes()), today);
            assert_eq!(chosen.query(), query);
            let again = Chosen::of(&Fields::parse(chosen.query().as_bytes()), today);
            assert_eq!(again, chosen);
        }
    }

    #[test]
    fn what_cannot_be_read_chooses_nothing() {
        for query in [
            "only=band-8",
            "only=slot-7-1",
            "only=x",
            "rating=9",
            "reason=x",
            "agent=x",
            "rule=1",
        ] {
            let chosen = Chosen::of(&Fields::parse(query.as_bytes()), Day(20_779));
            assert!(!chosen.is_narrow(), "{query}");
        }
        assert_eq!(cursor("x_1"), None);
    }
}
