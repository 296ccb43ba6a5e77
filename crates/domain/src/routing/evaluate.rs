//! Evaluating a tenant's rules on what happened: the first match wins.

use super::compile::{CompiledRule, compile};
use super::explain::{RuleOutcome, RuleTrace};
use super::problem::RuleError;
use super::sight::{Seen, Sight};
use super::{Action, Facts, Rule, verdict};
use crate::handoff::HandoffReason;

/// A tenant's rules, ready to evaluate: folded words, compiled expressions.
#[derive(Debug, Default)]
pub struct CompiledRules {
    rules: Vec<CompiledRule>,
}

/// The outcome of an evaluation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    /// The rule that decided, with its action.
    pub decided: Option<Rule>,
    /// Tags put by tagging rules passed on the way; none twice.
    pub tags: Vec<String>,
    /// Why there would be a handoff, by what matched, if the rule that decided asks for one.
    pub reason: Option<HandoffReason>,
}

impl CompiledRules {
    /// Compiles a tenant's rules in their order.
    ///
    /// # Errors
    /// The first rule whose expression is invalid or too large, or that is too large itself.
    pub fn compile(rules: Vec<Rule>) -> Result<Self, RuleError> {
        let (compiled, mut errors) = Self::compile_each(rules);
        if errors.is_empty() {
            Ok(compiled)
        } else {
            Err(errors.swap_remove(0))
        }
    }

    /// Compiles the rules that can be, in their order, and reports the others: one broken rule
    /// must not take the tenant's other rules away.
    #[must_use]
    pub fn compile_each(rules: Vec<Rule>) -> (Self, Vec<RuleError>) {
        let mut compiled = Vec::with_capacity(rules.len());
        let mut errors = Vec::new();
        for rule in rules {
            let id = rule.id;
            match compile(rule) {
                Ok(rule) => compiled.push(rule),
                Err(problem) => errors.push(RuleError::new(id, problem)),
            }
        }
        (Self { rules: compiled }, errors)
    }

    /// The first rule that matches; tagging rules on the way add their tags.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts<'_>) -> Match {
        let seen = Seen::new(facts);
        let mut outcome = Match::default();
        for rule in &self.rules {
            let Ok(sight) = rule.sees(&seen) else {
                continue;
            };
            if !rule.node.holds(sight) {
                continue;
            }
            match &rule.rule.action {
                Action::Tag { tags } => outcome.tag(tags),
                action => {
                    if matches!(action, Action::HandOff { .. }) {
                        let matched = rule.node.trace(sight);
                        outcome.reason = Some(verdict::reason(&matched, seen.author()));
                    }
                    outcome.decided = Some(rule.rule.clone());
                    break;
                }
            }
        }
        outcome
    }

    /// What becomes of every rule and why.
    #[must_use]
    pub fn explain(&self, facts: &Facts<'_>) -> Vec<RuleTrace> {
        let seen = Seen::new(facts);
        let mut decided = false;
        let mut traces = Vec::with_capacity(self.rules.len());
        for rule in &self.rules {
            let (outcome, part) = match rule.sees(&seen) {
                _ if decided => (RuleOutcome::NotReached, None),
                Err(outcome) => (outcome, None),
                Ok(sight) => {
                    let part = rule.node.trace(sight);
                    let outcome = match &rule.rule.action {
                        _ if !part.matched => RuleOutcome::NoMatch,
                        Action::Tag { .. } => RuleOutcome::Tagged,
                        _ => RuleOutcome::Decided,
                    };
                    (outcome, Some(part))
                }
            };
            decided |= outcome == RuleOutcome::Decided;
            traces.push(RuleTrace {
                rule: rule.rule.id,
                name: rule.rule.name.clone(),
                outcome,
                part,
            });
        }
        traces
    }
}

impl CompiledRule {
    /// What the rule sees of the event, or why it does not look.
    fn sees<'a>(&self, seen: &'a Seen<'a>) -> Result<Sight<'a>, RuleOutcome> {
        if !self.rule.enabled {
            return Err(RuleOutcome::Off);
        }
        let channels = &self.rule.channels;
        if !channels.is_empty() && !channels.contains(&seen.facts.channel) {
            return Err(RuleOutcome::OtherChannel);
        }
        seen.by(self.hears).ok_or(RuleOutcome::OtherEvent)
    }
}

impl Match {
    fn tag(&mut self, tags: &[String]) {
        for tag in tags {
            if !self.tags.contains(tag) {
                self.tags.push(tag.clone());
            }
        }
    }
}
