//! Trying a draft on a message and on what was recorded.

use super::fixtures::*;
use domain::channel::ChannelKind;
use domain::ids::{ConversationId, MessageId};
use domain::routing::{Action, Recorded, RuleOutcome, backtest};
use uuid::Uuid;

#[test]
fn every_rule_tells_what_became_of_it() {
    let mut off = rule(1, all(vec![]), hand_off());
    off.enabled = false;
    let mut elsewhere = rule(2, all(vec![]), hand_off());
    elsewhere.channels = vec![ChannelKind::Messenger];
    let tag = Action::Tag {
        tags: vec!["x".to_owned()],
    };
    let confidence = domain::routing::Condition::ConfidenceBelow { limit: 0.5 };
    let rules = compiled(vec![
        off,
        elsewhere,
        rule(3, confidence, hand_off()),
        rule(4, keywords(&["chao"]), hand_off()),
        rule(5, keywords(&["agente"]), tag),
        rule(
            6,
            all(vec![
                any(vec![keywords(&["Agénte"]), regex("z+")]),
                not(keywords(&["no"])),
            ]),
            hand_off(),
        ),
        rule(7, all(vec![]), hand_off()),
    ]);
    let scene = said("un agente");
    let traces = rules.explain(&scene.facts());
    let outcomes: Vec<RuleOutcome> = traces.iter().map(|t| t.outcome).collect();
    assert_eq!(
        outcomes,
        [
            RuleOutcome::Off,
            RuleOutcome::OtherChannel,
            RuleOutcome::NoMatch,
            RuleOutcome::NoMatch,
            RuleOutcome::Tagged,
            RuleOutcome::Decided,
            RuleOutcome::NotReached,
        ]
    );
    let decided = traces[5].part.as_ref().unwrap();
    assert_eq!(decided.when, "all");
    let any = &decided.parts[0];
    assert_eq!((any.when, any.matched), ("any", true));
    assert_eq!(any.parts[0].found.as_deref(), Some("Agénte"));
    assert!(!any.parts[1].matched);
    assert!(decided.parts[1].matched);
    assert!(!decided.parts[1].parts[0].matched);
    let bot = rules.explain(&said("un agente").by_bot().facts());
    assert_eq!(bot[3].outcome, RuleOutcome::OtherEvent);
}

#[test]
fn explaining_and_evaluating_agree() {
    let rules = compiled(vec![
        rule(1, keywords(&["hola"]), Action::Ignore),
        rule(2, regex("a"), hand_off()),
    ]);
    for words in ["hola", "casa", "", "nada de hola"] {
        let scene = said(words);
        let decided = rules.evaluate(&scene.facts()).decided.map(|r| r.id);
        let traces = rules.explain(&scene.facts());
        let explained = traces.iter().find(|t| t.outcome == RuleOutcome::Decided);
        assert_eq!(decided, explained.map(|t| t.rule), "{words}");
    }
}

#[test]
fn a_backtest_counts_conversations_and_shows_the_surprises_first() {
    let rules = compiled(vec![
        rule(1, keywords(&["agente"]), hand_off()),
        rule(2, keywords(&["reclamo"]), hand_off()),
        rule(3, keywords(&["hora"]), Action::Ignore),
    ]);
    // conversation, words, handed off in fact
    let history = [
        (1, "hola", true),
        (1, "un agente", true),
        (1, "¡agente!", true),
        (2, "un reclamo", false),
        (3, "hola", true),
        (4, "qué hora es", false),
        (5, "agente", false),
    ];
    let scenes: Vec<_> = history
        .iter()
        .map(|(conversation, words, handed_off)| (*conversation, said(words), *handed_off))
        .collect();
    let recorded = || {
        scenes
            .iter()
            .enumerate()
            .map(|(n, (conversation, scene, handed_off))| Recorded {
                conversation: ConversationId(Uuid::from_u128(*conversation)),
                message: u128::try_from(n).ok().map(Uuid::from_u128).map(MessageId),
                facts: scene.facts(),
                handed_off: *handed_off,
            })
    };
    let report = backtest(&rules, recorded(), 3);
    assert_eq!((report.conversations, report.events), (5, 7));
    assert_eq!(report.would_hand_off(), 3);
    assert_eq!(
        (report.also, report.only_draft, report.only_history),
        (1, 2, 1)
    );
    assert_eq!(report.by_rule.get(&rid(1)), Some(&2));
    assert_eq!(report.by_rule.get(&rid(2)), Some(&1));
    let shown: Vec<_> = report.examples.iter().map(|e| e.words.as_str()).collect();
    assert_eq!(shown, ["un reclamo", "agente", "un agente"]);
    assert_eq!(backtest(&rules, recorded(), 1).examples.len(), 1);
}
