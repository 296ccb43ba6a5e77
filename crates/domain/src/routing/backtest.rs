//! What a draft of the rules would have done with what was recorded.

use super::{Action, CompiledRules, Facts, Source};
use crate::ids::{ConversationId, MessageId, RuleId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

const WORDS_SHOWN: usize = 160;

/// One recorded event, with the facts as they were.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// The thread.
    pub conversation: ConversationId,
    /// The message, if it was one.
    pub message: Option<MessageId>,
    /// What the rules could have looked at.
    pub facts: Facts<'a>,
    /// Whether the conversation was handed off, for whatever reason.
    pub handed_off: bool,
}

/// What a draft would have done. Counts are of conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backtest {
    /// Conversations looked at.
    pub conversations: u32,
    /// Events looked at.
    pub events: u32,
    /// The draft would have handed them off, and so it happened.
    pub also: u32,
    /// The draft would have handed them off, and nobody did.
    pub only_draft: u32,
    /// They were handed off, and the draft would not have.
    pub only_history: u32,
    /// Handoffs of the draft by the rule that asks for them.
    pub by_rule: BTreeMap<RuleId, u32>,
    /// The first of what the draft would have handed off, those that nobody did before the
    /// others.
    pub examples: Vec<Example>,
}

/// A conversation that the draft would have handed off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The thread.
    pub conversation: ConversationId,
    /// The message that does it.
    pub message: Option<MessageId>,
    /// The rule.
    pub rule: RuleId,
    /// The beginning of the words.
    pub words: String,
    /// Whether it was handed off anyway.
    pub handed_off: bool,
}

impl Backtest {
    /// How many conversations the draft would have handed off.
    #[must_use]
    pub fn would_hand_off(&self) -> u32 {
        self.also.saturating_add(self.only_draft)
    }

    /// Adds what another part of the past gave; at most `max_examples` are kept, those that
    /// nobody handed off before the others.
    pub fn absorb(&mut self, other: Self, max_examples: usize) {
        let add = |count: &mut u32, more: u32| *count = count.saturating_add(more);
        add(&mut self.conversations, other.conversations);
        add(&mut self.events, other.events);
        add(&mut self.also, other.also);
        add(&mut self.only_draft, other.only_draft);
        add(&mut self.only_history, other.only_history);
        for (rule, more) in other.by_rule {
            add(self.by_rule.entry(rule).or_default(), more);
        }
        self.examples.extend(other.examples);
        self.examples.sort_by_key(|example| example.handed_off);
        self.examples.truncate(max_examples);
    }
}

/// Evaluates the rules on recorded events, in the order in which they happened within each
/// conversation; only the first handoff of a conversation counts.
#[must_use]
pub fn backtest<'a>(
    rules: &CompiledRules,
    recorded: impl IntoIterator<Item = Recorded<'a>>,
    max_examples: usize,
) -> Backtest {
    let mut report = Backtest::default();
    let mut seen: HashMap<ConversationId, (bool, Option<RuleId>)> = HashMap::new();
    let mut anyway = Vec::new();
    for event in recorded {
        report.events = report.events.saturating_add(1);
        let (handed_off, found) = seen.entry(event.conversation).or_default();
        *handed_off |= event.handed_off;
        if found.is_some() {
            continue;
        }
        let Some(rule) = hands_off(rules, &event.facts) else {
            continue;
        };
        *found = Some(rule);
        let examples = if event.handed_off {
            &mut anyway
        } else {
            &mut report.examples
        };
        if examples.len() < max_examples {
            examples.push(Example {
                conversation: event.conversation,
                message: event.message,
                rule,
                words: beginning(&event.facts),
                handed_off: event.handed_off,
            });
        }
    }
    let room = max_examples.saturating_sub(report.examples.len());
    report.examples.extend(anyway.into_iter().take(room));
    for (handed_off, rule) in seen.into_values() {
        report.count(handed_off, rule);
    }
    report
}

impl Backtest {
    fn count(&mut self, handed_off: bool, rule: Option<RuleId>) {
        let one_more = |count: &mut u32| *count = count.saturating_add(1);
        one_more(&mut self.conversations);
        match (handed_off, rule) {
            (true, Some(_)) => one_more(&mut self.also),
            (false, Some(_)) => one_more(&mut self.only_draft),
            (true, None) => one_more(&mut self.only_history),
            (false, None) => {}
        }
        if let Some(rule) = rule {
            one_more(self.by_rule.entry(rule).or_default());
        }
    }
}

fn hands_off(rules: &CompiledRules, facts: &Facts<'_>) -> Option<RuleId> {
    let decided = rules.evaluate(facts).decided?;
    matches!(decided.action, Action::HandOff { .. }).then_some(decided.id)
}

fn beginning(facts: &Facts<'_>) -> String {
    match facts.source {
        Source::Message { content, .. } => {
            let words = content.words().unwrap_or_default();
            words.chars().take(WORDS_SHOWN).collect()
        }
        Source::Confidence(sure) => format!("{sure:.2}"),
    }
}
