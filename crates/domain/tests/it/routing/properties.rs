//! Any rule on any message: never a panic, always an answer, and in time.

use super::fixtures::{compiled, hand_off, keywords, regex, rule, said};
use domain::message::Author;
use domain::routing::{Action, CompiledRules, Condition, Progress, RuleOutcome};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn author() -> impl Strategy<Value = Author> {
    prop::sample::select(vec![
        Author::Contact,
        Author::Bot,
        Author::Agent,
        Author::System,
    ])
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        prop::collection::vec(".{0,12}", 0..4).prop_map(|words| Condition::Keywords { words }),
        prop::collection::vec("[a-z]{1,3}", 1..4).prop_map(|words| Condition::Keywords { words }),
        ".{0,16}".prop_map(|pattern| Condition::Regex { pattern }),
        r"[a-c.*+?()|\\]{0,8}".prop_map(|pattern| Condition::Regex { pattern }),
        author().prop_map(|author| Condition::SaidBy { author }),
        (0..4_u32).prop_map(|at_least| Condition::BotFallbacks { at_least }),
        (0..4_u32).prop_map(|at_least| Condition::SameQuestion { at_least }),
        (0..4_u32).prop_map(|at_least| Condition::MessagesWithoutProgress { at_least }),
        any::<f32>().prop_map(|limit| Condition::ConfidenceBelow { limit }),
        ".{0,8}".prop_map(|contains| Condition::Referral { contains }),
        any::<u32>().prop_map(|within_hours| Condition::PreviousHandoff { within_hours }),
        Just(Condition::InBusinessHours),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|of| Condition::All { of }),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|of| Condition::Any { of }),
            inner.prop_map(|of| Condition::Not { of: Box::new(of) }),
        ]
    })
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(hand_off()),
        Just(Action::Ignore),
        ".{0,4}".prop_map(|text| Action::Answer { text }),
        Just(Action::Tag {
            tags: vec!["t".to_owned()]
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rules_on_any_message_have_an_answer_and_a_matching_explanation(
        drafts in prop::collection::vec((condition(), action()), 0..5),
        words in "(.{0,40}|[a-z ¿?áé]{0,40})",
        author in author(),
        confidence in prop::option::of(any::<f32>()),
    ) {
        let rules = drafts.into_iter().zip(1_u128..);
        let rules = rules.map(|((condition, action), n)| rule(n, condition, action)).collect();
        let (rules, _) = CompiledRules::compile_each(rules);
        let scene = said(&words).with(|s| {
            s.author = author;
            s.confidence = confidence;
            s.progress = Progress::default().after_contact(&s.content).after_fallback();
            s.released_at = Some(s.now);
        });
        let outcome = rules.evaluate(&scene.facts());
        let traces = rules.explain(&scene.facts());
        let decided = traces.iter().find(|t| t.outcome == RuleOutcome::Decided);
        prop_assert_eq!(outcome.decided.as_ref().map(|r| r.id), decided.map(|t| t.rule));
        let tagged = traces.iter().any(|t| t.outcome == RuleOutcome::Tagged);
        prop_assert_eq!(!outcome.tags.is_empty(), tagged);
        if matches!(author, Author::Agent | Author::System) && confidence.is_none() {
            prop_assert_eq!(outcome.decided, None);
        }
    }

    #[test]
    fn a_keyword_finds_itself_however_it_is_dressed(
        word in "[a-zñáéíóú]{1,10}( [a-z]{1,6}){0,2}",
        before in "[¿¡ .,!]{0,4}",
        after in "[?! .,]{0,4}",
    ) {
        let shouted = format!("{before}{}{after}", word.to_uppercase());
        prop_assert!(said(&shouted).matches(keywords(&[&word])));
        let longer = format!("x{word}");
        prop_assert!(!said(&longer).matches(keywords(&[&word])));
    }
}

/// A generous bound on a long message: quadratic work on a million characters would take
/// minutes.
#[test]
fn the_time_grows_with_the_message_and_not_faster() {
    let rules = compiled(vec![
        rule(1, keywords(&["aaaaaaaaab", "a a a b", "🙂🙂"]), hand_off()),
        rule(2, regex("(a+)+b|(.*)(.*)c"), hand_off()),
    ]);
    let scene = said(&"a".repeat(1_000_000));
    let started = Instant::now();
    assert_eq!(rules.evaluate(&scene.facts()).decided, None);
    assert!(started.elapsed() < Duration::from_secs(20));
}
