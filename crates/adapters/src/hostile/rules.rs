//! What members and bots choose as JSON: rules, hours, policies.

use domain::channel::ChannelKind;
use domain::contact::ContactProfile;
use domain::handoff::{ClosePolicy, HandoffPolicy};
use domain::message::{Author, Content};
use domain::routing::{BusinessHours, CompiledRules, Facts, Progress, Rule, RuleOutcome, Source};
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// JSON that is a list of rules, hours, or a policy.
pub fn rules(json: &[u8]) {
    if let Some(rules) = stays::<Vec<Rule>>(json) {
        judged(rules);
    }
    if let Some(hours) = stays::<BusinessHours>(json) {
        let _ = hours.is_open(NOW);
        assert_eq!(hours.now(NOW).open, hours.is_open(NOW));
    }
    stays::<HandoffPolicy>(json);
    stays::<ClosePolicy>(json);
}

/// Reads a value; what is written is read again as the same.
fn stays<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(json: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(json).ok()?;
    let written = serde_json::to_vec(&value).expect("what was read can be written");
    let again: T = serde_json::from_slice(&written).expect("what was written can be read");
    assert_eq!(value, again, "changed by being kept");
    Some(value)
}

fn judged(rules: Vec<Rule>) {
    let (compiled, _) = CompiledRules::compile_each(rules);
    let content = Content::Text {
        text: "Quiero hablar con una persona, ¡por favor!".into(),
    };
    let (hours, profile) = (BusinessHours::default(), ContactProfile::default());
    let progress = Progress::default().after_contact(&content);
    for author in [Author::Contact, Author::Bot] {
        let facts = Facts {
            channel: ChannelKind::WhatsApp,
            source: Source::Message {
                author,
                content: &content,
            },
            profile: &profile,
            progress: &progress,
            hours: &hours,
            released_at: Some(NOW),
            now: NOW,
        };
        let decided = compiled.evaluate(&facts).decided.map(|rule| rule.id);
        let explained = compiled.explain(&facts);
        let told = explained.iter().find(|t| t.outcome == RuleOutcome::Decided);
        assert_eq!(
            decided,
            told.map(|t| t.rule),
            "explained otherwise than decided"
        );
    }
}
