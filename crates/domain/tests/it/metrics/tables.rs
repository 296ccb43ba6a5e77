//! Each definition by examples.

use super::build::{asked, at, done, rule};
use domain::handoff::EndReason;
use domain::message::Author;
use domain::metrics::{
    Count, Counted, Exchange, Fact, Figure, Histogram, Now, Operation, Operations, Scope, Sheet,
    Spoken, Totals, Value, band_of, starts_conversation,
};
use domain::routing::BusinessHours;
use domain::time::Timestamp;
use std::time::Duration;

fn totals(facts: &[Fact]) -> Totals {
    Sheet::of(facts, &BusinessHours::default()).totals(&Scope::default())
}

fn figure(figure: Figure, facts: &[Fact]) -> Value {
    figure.of(&totals(facts), 10, 4)
}

fn share(part: u64, whole: u64) -> Value {
    Value::Share { part, whole }
}

#[test]
fn every_figure_says_what_its_formula_says() {
    let abandoned = Fact {
        ended_at: Some(at(50)),
        end_reason: Some(EndReason::UserEnded),
        ..asked()
    };
    let nobody = Fact {
        end_reason: Some(EndReason::NoAgentTimeout),
        ..abandoned.clone()
    };
    let closed = Fact {
        end_reason: Some(EndReason::OutOfHours),
        ..abandoned.clone()
    };
    let rated = |stars| Fact {
        rating: Some(stars),
        ..done(10, 20, 100)
    };
    let replied = |replies, reply_ms| Fact {
        exchange: Exchange {
            replies,
            reply_ms,
            ..Exchange::default()
        },
        ..done(10, 20, 100)
    };
    let again = |seconds: i64| Fact {
        previous_ended_at: Some(at(-seconds)),
        ..asked()
    };
    let facts = [
        (Figure::Handoffs, vec![asked(), asked()], Value::Count(2)),
        (Figure::HandoffRate, vec![], share(4, 10)),
        (Figure::Containment, vec![], share(6, 10)),
        (
            Figure::Assignment,
            vec![done(10, 40, 90), asked()],
            Value::Seconds(Some(10)),
        ),
        (
            Figure::FirstResponse,
            vec![done(10, 40, 90)],
            Value::Seconds(Some(40)),
        ),
        (Figure::FirstResponse, vec![asked()], Value::Seconds(None)),
        (
            Figure::FirstResponseP90,
            vec![done(1, 5, 9), done(1, 50, 60)],
            Value::Seconds(Some(50)),
        ),
        (
            Figure::Resolution,
            vec![done(10, 40, 70)],
            Value::Seconds(Some(60)),
        ),
        (
            Figure::Reply,
            vec![replied(1, 4000), replied(3, 8000)],
            Value::Seconds(Some(3)),
        ),
        (Figure::Reply, vec![done(1, 2, 3)], Value::Seconds(None)),
        (
            Figure::Abandonment,
            vec![abandoned.clone(), done(1, 2, 3), asked()],
            share(1, 2),
        ),
        (
            Figure::NoAgent,
            vec![nobody, closed, abandoned],
            share(2, 3),
        ),
        (
            Figure::RepeatDay,
            vec![again(86_400), again(86_401), asked()],
            share(1, 3),
        ),
        (
            Figure::RepeatWeek,
            vec![again(604_800), again(604_801)],
            share(1, 2),
        ),
        (
            Figure::Csat,
            vec![rated(5), rated(4), rated(3), rated(1), asked()],
            share(2, 4),
        ),
    ];
    for (which, facts, expected) in facts {
        assert_eq!(figure(which, &facts), expected, "{}", which.name());
    }
}

#[test]
fn of_nothing_there_is_no_share_and_no_percentile() {
    let nothing = Totals::default();
    for figure in Figure::ALL {
        let number = figure.of(&nothing, 0, 0).number();
        let expected = (figure == Figure::Handoffs).then_some(0.0);
        assert_eq!(number, expected, "{}", figure.name());
    }
}

#[test]
fn a_reply_takes_from_the_first_waiting_word_and_the_first_response_is_none() {
    use Author::{Agent, Bot, Contact, System};
    let said = [
        (Contact, 0),
        (Agent, 30), // the first response
        (Agent, 40), // nobody was waiting
        (Contact, 50),
        (Contact, 55),
        (System, 56),
        (Agent, 70), // 20 s
        (Contact, 80),
        (Bot, 81),
        (Agent, 90), // 10 s
        (Contact, 99),
    ];
    let spoken = said.map(|(author, seconds)| Spoken {
        author,
        at: at(seconds),
    });
    let exchange = Exchange {
        contact_messages: 5,
        agent_messages: 4,
        replies: 2,
        reply_ms: 30_000,
    };
    assert_eq!(Exchange::of(spoken), exchange);
}

#[test]
fn the_longest_wait_is_of_those_whom_nobody_has_taken() {
    let taken = Fact {
        requested_at: at(-500),
        accepted_at: Some(at(-400)),
        ..asked()
    };
    let waiting = Fact {
        requested_at: at(-90),
        ..asked()
    };
    let now = Now::of(&[taken, waiting, asked(), done(1, 2, 3)], at(10));
    assert_eq!((now.open, now.waiting), (3, 2));
    assert_eq!(now.longest_wait, Some(Duration::from_secs(100)));
    assert_eq!(Now::of(&[], at(0)), Now::default());
}

#[test]
fn a_day_of_silence_ends_a_conversation() {
    let day = 86_400;
    let cases = [
        (None, None, true),
        (None, Some(at(0)), true), // known from before conversations were counted
        (Some(at(0)), None, false),
        (Some(at(-2 * day)), Some(at(-day)), false),
        (Some(at(-2 * day)), Some(at(-day - 1)), true),
    ];
    for (started, last, expected) in cases {
        assert_eq!(starts_conversation(started, last, at(0)), expected);
    }
}

#[test]
fn bars_of_the_first_response_include_their_lower_end() {
    let bars = [
        (0, 0),
        (29, 0),
        (30, 1),
        (59, 1),
        (60, 2),
        (299, 3),
        (300, 4),
        (14_400, 7),
    ];
    for (seconds, bar) in bars {
        assert_eq!(band_of(Duration::from_secs(seconds)), bar, "{seconds}");
    }
}

#[test]
fn a_scope_takes_only_its_line_and_rule() {
    let ruled = Fact {
        rule: Some(rule(1)),
        ..asked()
    };
    let sheet = Sheet::of(&[ruled, asked()], &BusinessHours::default());
    assert_eq!(sheet.cells.len(), 2);
    let scope = Scope {
        rule: Some(rule(1)),
        ..Scope::default()
    };
    assert_eq!(sheet.totals(&scope).handoffs, 1);
}

#[test]
fn a_sheet_comes_back_from_its_document() {
    let facts = [asked(), done(10, 40, 90), done(100, 5000, 90_000)];
    let sheet = Sheet::of(&facts, &BusinessHours::default());
    let text = serde_json::to_string(&sheet).unwrap();
    assert_eq!(serde_json::from_str::<Sheet>(&text).unwrap(), sheet);
}

#[test]
fn latencies_are_told_by_their_ranks() {
    let mut operations = Operations::default();
    let counted = |what, ms| Counted {
        tenant: domain::ids::TenantId(uuid::Uuid::nil()),
        day: Default::default(),
        channel: super::build::channel(0),
        what,
        detail: Histogram::bucket(ms).to_string(),
    };
    operations.count(&counted(Count::ToDesk, 12), 19);
    operations.count(&counted(Count::ToDesk, 50), 1);
    operations.count(&counted(Count::Retried, 0), 3);
    assert_eq!(
        Operation::ToDeskP50.of(&operations),
        Value::Millis(Some(12))
    );
    assert_eq!(
        Operation::ToDeskP95.of(&operations),
        Value::Millis(Some(12))
    );
    operations.count(&counted(Count::ToDesk, 50), 1);
    assert_eq!(
        Operation::ToDeskP95.of(&operations),
        Value::Millis(Some(50))
    );
    assert_eq!(Operation::Retried.of(&operations), Value::Count(3));
    assert_eq!(Operation::ToContactP50.of(&operations), Value::Millis(None));
}

#[test]
fn a_wait_before_the_clock_stepped_back_is_none() {
    let fact = Fact {
        accepted_at: Some(Timestamp(0)),
        ..asked()
    };
    assert_eq!(fact.time_to_assignment(), Some(Duration::ZERO));
}
