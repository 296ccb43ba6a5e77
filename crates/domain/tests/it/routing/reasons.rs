//! What a match means for the machine.

use super::fixtures::*;
use domain::handoff::{ClosePolicy, HandoffOptions, HandoffReason, Verdict};
use domain::ids::HandoffId;
use domain::message::Author;
use domain::routing::{Action, Condition, DayHours, Match, default_rules};
use domain::tenant::Language;
use uuid::Uuid;

fn candidate() -> HandoffId {
    HandoffId(Uuid::from_u128(7))
}

fn reason(scene: &Scene, condition: Condition) -> (HandoffReason, bool) {
    let outcome = scene.under(vec![rule(1, condition, hand_off())]);
    match outcome.verdict(candidate()) {
        Verdict::HandOff(request) => (request.reason, request.urgent),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_reason_is_what_made_the_rule_match() {
    let bot = || Condition::SaidBy {
        author: Author::Bot,
    };
    let fallbacks = || Condition::BotFallbacks { at_least: 2 };
    let stuck = |scene: Scene| scene.with(|s| s.progress.fallbacks = 2);
    let closed = |scene: Scene| scene.with(|s| s.hours.week = vec![DayHours::default()]);
    let table = [
        (
            said("un agente"),
            keywords(&["reclamo", "agente"]),
            (HandoffReason::UserRequest, true),
        ),
        (
            said("un reclamo"),
            keywords(&["reclamo", "agente"]),
            (HandoffReason::Keyword, false),
        ),
        (
            said("quiero otra persona ya"),
            regex(r"otr[ao] (persona|chica)"),
            (HandoffReason::UserRequest, true),
        ),
        (
            said("pedido 12"),
            regex(r"pedido \d+"),
            (HandoffReason::Keyword, false),
        ),
        (
            said("te paso [agente]").by_bot(),
            all(vec![bot(), keywords(&["agente"])]),
            (HandoffReason::BotMessage, true),
        ),
        (
            stuck(said("hola")),
            fallbacks(),
            (HandoffReason::FallbackCount, false),
        ),
        (
            stuck(said("no entiendo").by_bot()),
            fallbacks(),
            (HandoffReason::FallbackCount, false),
        ),
        (
            stuck(said("agente")),
            any(vec![fallbacks(), keywords(&["agente"])]),
            (HandoffReason::UserRequest, true),
        ),
        (
            said("").with(|s| s.confidence = Some(0.2)),
            Condition::ConfidenceBelow { limit: 0.5 },
            (HandoffReason::LowConfidence, false),
        ),
        (
            said("hola"),
            Condition::InBusinessHours,
            (HandoffReason::Schedule, false),
        ),
        (
            closed(said("hola")),
            not(Condition::InBusinessHours),
            (HandoffReason::Schedule, false),
        ),
        (
            said("hola"),
            not(keywords(&["agente"])),
            (HandoffReason::Keyword, false),
        ),
    ];
    for (scene, condition, expected) in table {
        assert_eq!(reason(&scene, condition.clone()), expected, "{condition:?}");
    }
}

#[test]
fn the_rule_a_tenant_starts_with_is_always_the_contacts_own_request() {
    for language in [Language::Es, Language::En, Language::Pt] {
        let [first] = &default_rules(language, rid(1))[..] else {
            panic!("one rule");
        };
        let Condition::Keywords { words } = &first.condition else {
            panic!("keywords");
        };
        for word in words {
            let scene = said(word);
            if ["live chat", "atención humana", "atendimento humano"].contains(&&**word) {
                continue;
            }
            let (reason, urgent) = reason(&scene, first.condition.clone());
            assert_eq!(
                (reason, urgent),
                (HandoffReason::UserRequest, true),
                "{word}"
            );
        }
    }
}

#[test]
fn a_verdict_carries_what_the_rule_says() {
    let options = HandoffOptions {
        inquiry: Some(3),
        title: Some("Venta".to_owned()),
        ..HandoffOptions::default()
    };
    let close = ClosePolicy {
        goodbye: true,
        ..ClosePolicy::default()
    };
    let action = Action::HandOff {
        options: options.clone(),
        close: Some(close.clone()),
    };
    let verdict = said("hola")
        .under(vec![rule(4, all(vec![]), action)])
        .verdict(candidate());
    let Verdict::HandOff(request) = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(request.candidate, candidate());
    assert_eq!(request.rule, Some(rid(4)));
    assert_eq!(request.options, options);
    assert_eq!(request.close, Some(close));
}

#[test]
fn the_other_actions_have_their_own_verdicts() {
    let verdict = |action| {
        said("hola")
            .under(vec![rule(4, all(vec![]), action)])
            .verdict(candidate())
    };
    assert_eq!(Match::default().verdict(candidate()), Verdict::Pass);
    assert_eq!(verdict(Action::Tag { tags: vec![] }), Verdict::Pass);
    assert_eq!(verdict(Action::Ignore), Verdict::Ignore { rule: rid(4) });
    let text = "a las nueve".to_owned();
    assert_eq!(
        verdict(Action::Answer { text: text.clone() }),
        Verdict::Answer { rule: rid(4), text }
    );
}
