//! From a rule as written to a rule that can be evaluated: bounded, so that no tenant's rule
//! can take the time or the memory of another's.

use super::node::{Keyword, Node};
use super::problem::RuleProblem;
use super::{Action, Condition, Rule};
use crate::words::fold;
use regex::RegexBuilder;
use std::time::Duration;

const MAX_DEPTH: usize = 8;
const MAX_PARTS: usize = 200;
const MAX_WORDS: usize = 500;
const MAX_WORD_CHARS: usize = 200;
const REGEX_BYTES: usize = 256 * 1024;
const REGEX_NESTING: u32 = 50;

/// The kinds of message a condition may name.
const KINDS: [&str; 18] = [
    "text",
    "image",
    "video",
    "audio",
    "voice",
    "file",
    "sticker",
    "location",
    "contacts",
    "choice",
    "options",
    "reaction",
    "edit",
    "delete",
    "referral",
    "order",
    "notice",
    "unsupported",
];

/// A rule ready to be evaluated.
#[derive(Debug)]
pub(super) struct CompiledRule {
    /// As written.
    pub rule: Rule,
    /// When it matches.
    pub node: Node,
    /// What it looks at besides the contact's words.
    pub hears: Hears,
}

/// Which events a rule wants to see, read from its conditions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hears {
    /// It says itself whose words it looks at.
    pub says_who: bool,
    /// It counts the bot's fallbacks, so it looks right after the bot's word, too.
    pub fallbacks: bool,
    /// It looks at the confidence that the bot reports.
    pub confidence: bool,
}

/// Compiles one rule.
pub(super) fn compile(rule: Rule) -> Result<CompiledRule, RuleProblem> {
    if let Action::Answer { text } = &rule.action
        && text.trim().is_empty()
    {
        return Err(RuleProblem::EmptyAnswer);
    }
    let mut compiler = Compiler::default();
    let node = compiler.node(&rule.condition, 1)?;
    Ok(CompiledRule {
        rule,
        node,
        hears: compiler.hears,
    })
}

#[derive(Default)]
struct Compiler {
    parts: usize,
    words: usize,
    hears: Hears,
}

impl Compiler {
    fn node(&mut self, condition: &Condition, depth: usize) -> Result<Node, RuleProblem> {
        if depth > MAX_DEPTH {
            return Err(RuleProblem::TooDeep);
        }
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(RuleProblem::TooManyParts);
        }
        Ok(match condition {
            Condition::All { of } => Node::All(self.nodes(of, depth)?),
            Condition::Any { of } => Node::Any(self.nodes(of, depth)?),
            Condition::Not { of } => Node::Not(Box::new(self.node(of, depth + 1)?)),
            Condition::Keywords { words } => Node::Keywords(self.keywords(words)?),
            Condition::Regex { pattern } => Node::Regex(Box::new(expression(pattern)?)),
            Condition::MessageKind { kinds } => Node::MessageKind(known_kinds(kinds)?),
            Condition::SaidBy { author } => {
                self.hears.says_who = true;
                Node::SaidBy(*author)
            }
            Condition::Language { tags } => {
                Node::Language(tags.iter().map(|t| t.trim().to_lowercase()).collect())
            }
            Condition::ContactTag { tag } => Node::ContactTag(tag.clone()),
            Condition::ContactAttribute { name, value } => Node::ContactAttribute {
                name: name.clone(),
                value: value.clone(),
            },
            Condition::BotFallbacks { at_least } => {
                self.hears.fallbacks = true;
                Node::BotFallbacks(*at_least)
            }
            Condition::MessagesWithoutProgress { at_least } => {
                Node::MessagesWithoutProgress(*at_least)
            }
            Condition::SameQuestion { at_least } => Node::SameQuestion(*at_least),
            Condition::InBusinessHours => Node::InBusinessHours,
            Condition::Referral { contains } => Node::Referral(fold(contains)),
            Condition::PreviousHandoff { within_hours } => {
                Node::PreviousHandoff(Duration::from_secs(u64::from(*within_hours) * 3600))
            }
            Condition::ConfidenceBelow { limit } => {
                self.hears.confidence = true;
                if !(0.0..=1.0).contains(limit) {
                    return Err(RuleProblem::BadLimit);
                }
                Node::ConfidenceBelow(*limit)
            }
        })
    }

    fn nodes(&mut self, of: &[Condition], depth: usize) -> Result<Vec<Node>, RuleProblem> {
        of.iter().map(|c| self.node(c, depth + 1)).collect()
    }

    fn keywords(&mut self, words: &[String]) -> Result<Vec<Keyword>, RuleProblem> {
        self.words = self.words.saturating_add(words.len());
        if self.words > MAX_WORDS {
            return Err(RuleProblem::TooManyWords);
        }
        words.iter().map(|word| keyword(word)).collect()
    }
}

fn keyword(word: &str) -> Result<Keyword, RuleProblem> {
    if word.chars().count() > MAX_WORD_CHARS {
        return Err(RuleProblem::WordTooLong);
    }
    let folded = fold(word);
    if folded.is_empty() {
        return Err(RuleProblem::NothingToCompare {
            word: word.to_owned(),
        });
    }
    Ok(Keyword {
        written: word.to_owned(),
        padded: format!(" {folded} "),
    })
}

fn expression(pattern: &str) -> Result<regex::Regex, RuleProblem> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(REGEX_BYTES)
        .dfa_size_limit(REGEX_BYTES)
        .nest_limit(REGEX_NESTING)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => RuleProblem::PatternTooLarge,
            other => RuleProblem::BadPattern {
                detail: last_words(&other.to_string()),
            },
        })
}

/// The library draws the expression and points into it over several lines; a form has room
/// for the last of them.
fn last_words(error: &str) -> String {
    let last = error.lines().rfind(|line| !line.trim().is_empty());
    let last = last.unwrap_or(error).trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

fn known_kinds(kinds: &[String]) -> Result<Vec<String>, RuleProblem> {
    match kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        Some(kind) => Err(RuleProblem::UnknownKind { kind: kind.clone() }),
        None => Ok(kinds.to_vec()),
    }
}
