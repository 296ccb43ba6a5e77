//! Every figure against the slow, obvious way, over random handoffs.

use super::build::{T0, channel, rule};
use domain::handoff::{EndReason, HandoffReason};
use domain::metrics::{Day, Exchange, Fact, Figure, Histogram, Local, Scope, Sheet, Totals, Value};
use domain::routing::BusinessHours;
use domain::time::Timestamp;
use proptest::option;
use proptest::prelude::*;

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let steps = (
        0_i64..7_000_000,
        option::of(0_i64..90_000),
        option::of(0_i64..90_000),
        option::of(0_i64..400_000),
        option::of(0_i64..900_000),
    );
    let kinds = (
        0_u128..3,
        option::of(0_u128..3),
        0..HandoffReason::ALL.len(),
    );
    let rest = (
        0..EndReason::ALL.len(),
        option::of(1_u8..=5),
        0_i64..5,
        0_i64..500_000,
    );
    let fact = (steps, kinds, rest).prop_map(|(steps, kinds, rest)| {
        let (start, accepted, answered, ended, before) = steps;
        let requested = T0 + start * 1000;
        let after = |span: Option<i64>| span.map(|s| Timestamp(requested + s * 1000));
        let (replies, reply_ms) = (rest.2, if rest.2 == 0 { 0 } else { rest.3 });
        Fact {
            channel: channel(kinds.0),
            rule: kinds.1.map(rule),
            reason: HandoffReason::ALL[kinds.2],
            local: Local::of("America/Santiago", Timestamp(requested)),
            requested_at: Timestamp(requested),
            accepted_at: after(accepted),
            first_human_at: after(answered),
            ended_at: after(ended),
            end_reason: ended.map(|_| EndReason::ALL[rest.0]),
            rating: rest.1,
            previous_ended_at: before.map(|s| Timestamp(requested - s * 1000)),
            exchange: Exchange {
                contact_messages: 1,
                agent_messages: 2,
                replies,
                reply_ms,
            },
        }
    });
    prop::collection::vec(fact, 0..60)
}

/// The nearest rank of sorted seconds.
fn rank(mut seconds: Vec<i64>, percent: usize) -> Option<i64> {
    seconds.sort_unstable();
    let place = (seconds.len() * percent).div_ceil(100).max(1);
    seconds.get(place - 1).copied()
}

fn spans(facts: &[Fact], span: impl Fn(&Fact) -> Option<i64>) -> Vec<i64> {
    facts.iter().filter_map(span).map(|ms| ms / 1000).collect()
}

fn truth(figure: Figure, facts: &[Fact]) -> Truth {
    let count = |yes: &dyn Fn(&Fact) -> bool| facts.iter().filter(|f| yes(f)).count() as u64;
    let ended = count(&|f| f.ended_at.is_some());
    let all = facts.len() as u64;
    let first = |f: &Fact| Some(f.first_human_at?.0 - f.requested_at.0);
    let within = |f: &Fact, days: i64| {
        let before = f.previous_ended_at;
        before.is_some_and(|t| f.requested_at.0 - t.0 <= days * 86_400_000)
    };
    match figure {
        Figure::Handoffs => Truth::Exact(Value::Count(all)),
        Figure::HandoffRate => Truth::share(7, 20),
        Figure::Containment => Truth::share(13, 20),
        Figure::Assignment => Truth::Near(rank(
            spans(facts, |f| Some(f.accepted_at?.0 - f.requested_at.0)),
            50,
        )),
        Figure::FirstResponse | Figure::FirstResponseOpen => {
            Truth::Near(rank(spans(facts, first), 50))
        }
        Figure::FirstResponseP90 => Truth::Near(rank(spans(facts, first), 90)),
        Figure::FirstResponseP95 => Truth::Near(rank(spans(facts, first), 95)),
        Figure::Reply => {
            let (n, ms) = facts.iter().fold((0, 0), |(n, ms), f| {
                (n + f.exchange.replies, ms + f.exchange.reply_ms)
            });
            let mean = if n > 0 {
                Some(ms as u64 / n as u64 / 1000)
            } else {
                None
            };
            Truth::Exact(Value::Seconds(mean))
        }
        Figure::Resolution => {
            let span = |f: &Fact| Some((f.ended_at?.0 - f.accepted_at?.0).max(0));
            Truth::Near(rank(spans(facts, span), 50))
        }
        Figure::Abandonment => Truth::share(
            count(&|f| f.ended_at.is_some() && f.first_human_at.is_none()),
            ended,
        ),
        Figure::NoAgent => {
            let nobody = [EndReason::NoAgentTimeout, EndReason::OutOfHours];
            Truth::share(
                count(&|f| f.end_reason.is_some_and(|r| nobody.contains(&r))),
                ended,
            )
        }
        Figure::RepeatDay => Truth::share(count(&|f| within(f, 1)), all),
        Figure::RepeatWeek => Truth::share(count(&|f| within(f, 7)), all),
        Figure::Csat => Truth::share(
            count(&|f| f.rating.is_some_and(|r| r >= 4)),
            count(&|f| f.rating.is_some()),
        ),
    }
}

enum Truth {
    Exact(Value),
    /// To within the width of a bucket.
    Near(Option<i64>),
}

impl Truth {
    fn share(part: u64, whole: u64) -> Self {
        Self::Exact(Value::Share { part, whole })
    }
}

proptest! {
    #[test]
    fn figures_agree_with_the_slow_way(facts in facts()) {
        let totals = Sheet::of(&facts, &BusinessHours::default()).totals(&Scope::default());
        for figure in Figure::ALL {
            let value = figure.of(&totals, 20, 7);
            match truth(figure, &facts) {
                Truth::Exact(expected) => prop_assert_eq!(value, expected, "{}", figure.name()),
                Truth::Near(expected) => {
                    let Value::Seconds(value) = value else { panic!("{}", figure.name()) };
                    let off = |a: i64, b: i64| (a - b).abs() * 60 > b;
                    let far = match (value, expected) {
                        (Some(value), Some(expected)) => off(value as i64, expected),
                        (value, expected) => value.is_some() != expected.is_some(),
                    };
                    prop_assert!(!far, "{}: {value:?} {expected:?}", figure.name());
                }
            }
        }
    }

    #[test]
    fn days_added_up_are_the_whole(facts in facts(), filter in 0_u128..3) {
        let hours = BusinessHours::default();
        let scope = Scope { channel: Some(channel(filter)), rule: None };
        let whole = Sheet::of(&facts, &hours).totals(&scope);
        let mut days: Vec<Day> = facts.iter().map(|f| f.local.day).collect();
        days.sort_unstable();
        days.dedup();
        let mut sum = Totals::default();
        for day in days.iter().rev() {
            let of_day = facts.iter().filter(|f| f.local.day == *day);
            let text = serde_json::to_string(&Sheet::of(of_day, &hours)).unwrap();
            let kept: Sheet = serde_json::from_str(&text).unwrap();
            sum.add(&kept.totals(&scope));
        }
        prop_assert_eq!(sum, whole);
    }

    #[test]
    fn a_bucket_stands_for_its_values_to_within_one_sixtieth(value in 0_u64..10_000_000_000) {
        let bucket = Histogram::bucket(value);
        let stands = Histogram::value(bucket);
        prop_assert_eq!(Histogram::bucket(stands), bucket);
        prop_assert!(stands.abs_diff(value) * 60 <= value, "{value} {stands}");
        prop_assert!(Histogram::bucket(value + 1) >= bucket);
    }
}
