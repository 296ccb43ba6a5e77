//! The numbers, each with its formula, its rows and how it moved.

use super::view::{Change, Group, Looked, Tile};
use crate::i18n::Lang;
use crate::pages::figures::period::Period;
use crate::pages::figures::words;
use crate::pages::handoffs::filter::only_name;
use adapters::store::{Only, Snapshot};
use domain::metrics::{Count, Figure, Scope, Totals, Value};

/// What the figures of a span are made of.
pub(crate) struct Numbers {
    pub totals: Totals,
    pub started: u64,
    pub handed_off: u64,
}

impl Numbers {
    pub fn of(snapshot: &Snapshot, period: &Period, scope: &Scope) -> Self {
        let mut totals = Totals::default();
        for (_, sheet) in snapshot.sheets.range(period.from..=period.to) {
            totals.add(&sheet.totals(scope));
        }
        let rule = scope.rule.map(|r| r.to_string());
        let count = |what: Count| -> u64 {
            let inside = snapshot.counts.iter().filter(|(c, _)| {
                c.what == what
                    && (period.from..=period.to).contains(&c.day)
                    && scope.channel.is_none_or(|ch| ch == c.channel)
                    && (what == Count::Started || rule.as_ref().is_none_or(|r| *r == c.detail))
            });
            inside.map(|(_, n)| n).sum()
        };
        Self {
            totals,
            started: count(Count::Started),
            handed_off: count(Count::HandedOff),
        }
    }

    fn value(&self, figure: Figure) -> Value {
        figure.of(&self.totals, self.started, self.handed_off)
    }
}

const GROUPS: [(&str, &[Figure]); 3] = [
    (
        "volume",
        &[
            Figure::Handoffs,
            Figure::HandoffRate,
            Figure::Containment,
            Figure::Csat,
        ],
    ),
    (
        "times",
        &[
            Figure::FirstResponse,
            Figure::FirstResponseP90,
            Figure::FirstResponseP95,
            Figure::FirstResponseOpen,
            Figure::Assignment,
            Figure::Reply,
            Figure::Resolution,
        ],
    ),
    (
        "outcome",
        &[
            Figure::Abandonment,
            Figure::NoAgent,
            Figure::RepeatDay,
            Figure::RepeatWeek,
        ],
    ),
];

/// The tiles of a span beside the span before.
pub(crate) fn tiles(now: &Numbers, before: &Numbers, looked: &Looked, l: Lang) -> Vec<Group> {
    let tile = |figure: &Figure| {
        let figure = *figure;
        let value = now.value(figure);
        let rows = figure.rows(&now.totals, now.handed_off);
        Tile {
            name: figure.name(),
            label: l.t(&format!("figure-{}", figure.name())),
            value: words::value(l, value),
            formula: l.t(&format!("figure-{}-formula", figure.name())),
            rows: rows
                .filter(|n| *n > 0)
                .map(|n| (looked.rows(&behind(figure)), n)),
            compared: true,
            change: change(value, before.value(figure), figure.better_when_more(), l),
        }
    };
    GROUPS
        .iter()
        .map(|(name, figures)| Group {
            name,
            title: l.t(&format!("dashboard-{name}")),
            tiles: figures.iter().map(tile).collect(),
        })
        .collect()
}

/// The name of the rows behind a figure; empty = all of the span.
fn behind(figure: Figure) -> String {
    let only = match figure {
        Figure::Handoffs | Figure::Containment => return String::new(),
        Figure::HandoffRate => Only::First,
        Figure::Assignment => Only::Accepted,
        Figure::FirstResponse
        | Figure::FirstResponseP90
        | Figure::FirstResponseP95
        | Figure::FirstResponseOpen => Only::Answered,
        Figure::Reply => Only::Replied,
        Figure::Resolution => Only::Resolved,
        Figure::Abandonment => Only::Abandoned,
        Figure::NoAgent => Only::NoAgent,
        Figure::RepeatDay => Only::RepeatDay,
        Figure::RepeatWeek => Only::RepeatWeek,
        Figure::Csat => Only::Content,
    };
    only_name(only)
}

/// How a number moved: shares in points, everything else in percent.
pub(crate) fn change(now: Value, before: Value, more: Option<bool>, l: Lang) -> Option<Change> {
    let (n, b) = (now.number()?, before.number()?);
    let earlier = words::value(l, before);
    let difference = match now {
        Value::Share { .. } => n - b,
        _ if b == 0.0 => return None,
        _ => (n - b) * 100.0 / b,
    };
    let rounded = difference.abs().round();
    if rounded < 1.0 {
        return Some(Change {
            tone: "",
            icon: "minus",
            text: l.t("dashboard-same"),
            before: earlier,
        });
    }
    let up = difference > 0.0;
    let tone = match more {
        Some(better) if better == up => "ok",
        Some(_) => "danger",
        None => "",
    };
    let key = match (now, up) {
        (Value::Share { .. }, true) => "dashboard-points-up",
        (Value::Share { .. }, false) => "dashboard-points-down",
        (_, true) => "dashboard-percent-up",
        (_, false) => "dashboard-percent-down",
    };
    Some(Change {
        tone,
        icon: if up { "trending-up" } else { "trending-down" },
        text: l.with(key, "n", format!("{rounded:.0}")),
        before: earlier,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tenant::Language;

    #[test]
    fn faster_is_better_and_more_handoffs_is_neither() {
        let l = Lang(Language::Es);
        let seconds = |n| Value::Seconds(Some(n));
        let tone = |now, before, more| change(now, before, more, l).map(|c| c.tone);
        assert_eq!(tone(seconds(10), seconds(20), Some(false)), Some("ok"));
        assert_eq!(tone(seconds(30), seconds(20), Some(false)), Some("danger"));
        assert_eq!(tone(Value::Count(3), Value::Count(2), None), Some(""));
        assert_eq!(tone(Value::Count(3), Value::Count(0), None), None);
        assert_eq!(tone(seconds(3), Value::Seconds(None), Some(false)), None);
        let share = |part| Value::Share { part, whole: 10 };
        let moved = change(share(7), share(4), Some(true), l);
        assert_eq!(
            moved.map(|c| (c.tone, c.before)),
            Some(("ok", "40\u{a0}%".to_owned()))
        );
    }
}
