//! What is refused, and how it is said.

use super::fixtures::*;
use domain::routing::{Action, CompiledRules, Condition, Rule, RuleProblem};
use domain::tenant::Language;

fn problem(condition: Condition) -> RuleProblem {
    let rules = vec![rule(3, condition, hand_off())];
    let error = CompiledRules::compile(rules).unwrap_err();
    assert_eq!(error.rule, rid(3));
    assert_eq!(error.problem, error.kind.text(Language::Es));
    error.kind
}

fn nested(depth: usize) -> Condition {
    (1..depth).fold(Condition::InBusinessHours, |inner, _| not(inner))
}

#[test]
fn a_rule_is_refused_for_a_reason_that_the_form_can_show() {
    let many: Vec<&str> = vec!["hola"; 501];
    let long = "a".repeat(201);
    let table = [
        (
            keywords(&["hola", " ¿? "]),
            RuleProblem::NothingToCompare {
                word: " ¿? ".to_owned(),
            },
        ),
        (
            keywords(&[""]),
            RuleProblem::NothingToCompare {
                word: String::new(),
            },
        ),
        (keywords(&[&long]), RuleProblem::WordTooLong),
        (keywords(&many), RuleProblem::TooManyWords),
        (
            any(vec![keywords(&many[..300]), keywords(&many[..300])]),
            RuleProblem::TooManyWords,
        ),
        (
            regex("(hola"),
            RuleProblem::BadPattern {
                detail: "unclosed group".to_owned(),
            },
        ),
        (regex("(?:a{1000}){1000}"), RuleProblem::PatternTooLarge),
        (nested(9), RuleProblem::TooDeep),
        (
            all(vec![Condition::InBusinessHours; 200]),
            RuleProblem::TooManyParts,
        ),
        (
            Condition::MessageKind {
                kinds: vec!["foto".to_owned()],
            },
            RuleProblem::UnknownKind {
                kind: "foto".to_owned(),
            },
        ),
        (
            Condition::ConfidenceBelow { limit: 1.5 },
            RuleProblem::BadLimit,
        ),
        (
            Condition::ConfidenceBelow { limit: f32::NAN },
            RuleProblem::BadLimit,
        ),
    ];
    for (condition, expected) in table {
        assert_eq!(problem(condition), expected);
    }
}

#[test]
fn what_lies_just_inside_the_limits_compiles() {
    for condition in [
        nested(8),
        all(vec![Condition::InBusinessHours; 199]),
        keywords(&vec!["hola"; 500]),
        regex(r"\b(hola|chao)\b.{0,50}"),
    ] {
        compiled(vec![rule(1, condition, hand_off())]);
    }
}

#[test]
fn an_expression_nested_like_a_trap_is_refused() {
    let trap = format!("{}a{}", "(".repeat(60), ")".repeat(60));
    assert!(matches!(
        problem(regex(&trap)),
        RuleProblem::BadPattern { .. }
    ));
}

#[test]
fn an_answer_needs_a_text() {
    let action = Action::Answer {
        text: "  ".to_owned(),
    };
    let error = CompiledRules::compile(vec![rule(1, all(vec![]), action)]).unwrap_err();
    assert_eq!(error.kind, RuleProblem::EmptyAnswer);
    assert_eq!(error.problem, "Escribe el texto de la respuesta.");
}

#[test]
fn one_broken_rule_does_not_take_the_others_away() {
    let rules: Vec<Rule> = vec![
        rule(1, regex("("), hand_off()),
        rule(2, keywords(&["hola"]), hand_off()),
    ];
    let (rules, errors) = CompiledRules::compile_each(rules);
    assert_eq!(errors.len(), 1);
    let outcome = rules.evaluate(&said("hola").facts());
    assert_eq!(outcome.decided.map(|r| r.id), Some(rid(2)));
}

#[test]
fn an_expression_made_to_backtrack_does_not() {
    let words = "a".repeat(50_000) + "!";
    assert!(!said(&words).matches(regex("^(a+)+$")));
    assert!(!said(&words).matches(regex("^(a|aa)+$")));
}

#[test]
fn a_rule_reads_back_as_it_was_stored() {
    let written = r#"{"id":"00000000-0000-0000-0000-000000000001","name":"Ventas","enabled":true,
        "condition":{"when":"all","of":[{"when":"keywords","words":["comprar"]},
        {"when":"not","of":{"when":"in_business_hours"}}]},
        "action":{"do":"hand_off","options":{"inquiry":3}}}"#;
    let read: Rule = serde_json::from_str(written).unwrap();
    let again: Rule = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(read, again);
    compiled(vec![read]);
}
