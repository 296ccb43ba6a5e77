//! What changed between two versions, and a recorded conversation played again.

use super::fixtures::*;
use domain::channel::ChannelKind;
use domain::contact::ContactProfile;
use domain::ids::{ConversationId, MessageId, RuleId};
use domain::message::{Author, Content, DeliveryStatus, Message};
use domain::routing::{
    Action, Backtest, BusinessHours, CompiledRules, Condition, Past, PastHandoff, Rule,
    RuleChangeKind, changes, replay,
};
use domain::time::Timestamp;
use uuid::Uuid;

fn named(n: u128, words: &str) -> Rule {
    Rule {
        id: rid(n),
        name: format!("rule {n}"),
        enabled: true,
        channels: vec![],
        condition: Condition::Keywords {
            words: vec![words.to_owned()],
        },
        action: Action::HandOff {
            options: Default::default(),
            close: None,
        },
    }
}

fn told(before: &[Rule], after: &[Rule]) -> Vec<(RuleId, &'static str)> {
    let found = changes(before, after);
    found.iter().map(|c| (c.rule, c.what.name())).collect()
}

#[test]
fn each_change_is_told_once_and_in_order() {
    let before = [named(1, "a"), named(2, "b"), named(3, "c")];
    assert_eq!(told(&before, &before), []);
    let mut after = before.to_vec();
    after.remove(0);
    after.push(named(4, "d"));
    after[0].enabled = false;
    after[0].condition = Condition::InBusinessHours;
    after[1].name = "other".to_owned();
    after[1].action = Action::Ignore;
    after[1].channels = vec![ChannelKind::Telegram];
    assert_eq!(
        told(&before, &after),
        [
            (rid(1), "removed"),
            (rid(2), "switched_off"),
            (rid(2), "condition"),
            (rid(3), "renamed"),
            (rid(3), "channels"),
            (rid(3), "action"),
            (rid(4), "added"),
        ]
    );
}

#[test]
fn a_rule_that_was_moved_is_told_and_not_those_it_passed() {
    let before: Vec<Rule> = (1..=5).map(|n| named(n, "x")).collect();
    let mut after = before.clone();
    let last = after.remove(4);
    after.insert(0, last);
    let found = changes(&before, &after);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].what, RuleChangeKind::Moved { from: 5, to: 1 });
    assert_eq!(found[0].rule, rid(5));
}

fn said(seq: i64, author: Author, text: &str, at: i64) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(u128::try_from(seq).unwrap())),
        conversation: ConversationId(Uuid::nil()),
        seq,
        author,
        author_name: None,
        content: Content::text(text),
        external_id: None,
        reply_to: None,
        status: DeliveryStatus::Accepted,
        failure: None,
        handoff: None,
        sent_at: Timestamp(at),
        received_at: Timestamp(at),
    }
}

fn past(messages: Vec<Message>, handoffs: Vec<PastHandoff>) -> Past {
    Past {
        conversation: ConversationId(Uuid::nil()),
        channel: ChannelKind::WhatsApp,
        profile: ContactProfile::default(),
        messages,
        handoffs,
    }
}

fn played(condition: Condition, past: &Past, from: i64) -> Backtest {
    let rule = Rule {
        condition,
        ..named(1, "x")
    };
    let rules = CompiledRules::compile(vec![rule]).unwrap();
    let phrases = ["no te entendí".to_owned()];
    replay(
        &rules,
        past,
        &BusinessHours::default(),
        &phrases,
        Timestamp(from),
    )
}

#[test]
fn the_counters_are_counted_again_from_what_was_said() {
    let talk = past(
        vec![
            said(1, Author::Contact, "quiero una boleta", 10),
            said(2, Author::Bot, "No te entendí", 11),
            said(3, Author::Contact, "¡la boleta!", 12),
            said(4, Author::Bot, "Perdona, no te entendí.", 13),
        ],
        vec![],
    );
    let twice = played(Condition::BotFallbacks { at_least: 2 }, &talk, 0);
    assert_eq!((twice.only_draft, twice.events), (1, 4));
    assert_eq!(
        twice.examples[0].message,
        Some(MessageId(Uuid::from_u128(4)))
    );
    let thrice = played(Condition::BotFallbacks { at_least: 3 }, &talk, 0);
    assert_eq!((thrice.would_hand_off(), thrice.conversations), (0, 1));
    // What lies before the range is counted and not judged.
    let late = played(Condition::BotFallbacks { at_least: 2 }, &talk, 13);
    assert_eq!((late.events, late.only_draft), (1, 1));
}

#[test]
fn words_to_an_agent_are_not_judged_and_a_release_starts_anew() {
    let handoff = PastHandoff {
        requested_at: Timestamp(10),
        ended_at: Some(Timestamp(30)),
    };
    let talk = past(
        vec![
            said(1, Author::Contact, "hola", 10),
            said(2, Author::Contact, "agente", 20),
            said(3, Author::Contact, "gracias", 40),
        ],
        vec![handoff],
    );
    let words = |w: &str| Condition::Keywords {
        words: vec![w.to_owned()],
    };
    let lost = played(words("agente"), &talk, 0);
    assert_eq!((lost.only_history, lost.events), (1, 2));
    assert_eq!(played(words("hola"), &talk, 0).also, 1);
    let again = Condition::MessagesWithoutProgress { at_least: 2 };
    assert_eq!(played(again, &talk, 0).would_hand_off(), 0);
    let recent = Condition::PreviousHandoff { within_hours: 1 };
    assert_eq!(played(recent, &talk, 35).only_draft, 1);
}

#[test]
fn reports_of_parts_of_the_past_add_up() {
    let new = past(vec![said(1, Author::Contact, "hola", 10)], vec![]);
    let words = Condition::Keywords {
        words: vec!["hola".to_owned()],
    };
    let mut sum = Backtest::default();
    for _ in 0..3 {
        sum.absorb(played(words.clone(), &new, 0), 2);
    }
    assert_eq!((sum.conversations, sum.only_draft), (3, 3));
    assert_eq!((sum.examples.len(), sum.by_rule[&rid(1)]), (2, 3));
}
