//! A compiled condition: whether it holds, and what of it.

use super::Source;
use super::explain::PartTrace;
use super::sight::Sight;
use crate::message::Author;
use crate::words::{fold, same_words};
use std::time::Duration;

/// A compiled condition. Everything is bounded and linear in the length of the message.
#[derive(Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Keywords(Vec<Keyword>),
    Regex(Box<regex::Regex>),
    MessageKind(Vec<String>),
    SaidBy(Author),
    Language(Vec<String>),
    ContactTag(String),
    ContactAttribute {
        name: String,
        value: String,
    },
    BotFallbacks(u32),
    MessagesWithoutProgress(u32),
    SameQuestion(u32),
    InBusinessHours,
    /// Folded.
    Referral(String),
    PreviousHandoff(Duration),
    ConfidenceBelow(f32),
}

/// A keyword as written, and folded between two spaces.
#[derive(Debug)]
pub(super) struct Keyword {
    pub written: String,
    pub padded: String,
}

impl Node {
    /// Whether it holds.
    pub fn holds(&self, sight: Sight<'_>) -> bool {
        match self {
            Self::All(of) => of.iter().all(|n| n.holds(sight)),
            Self::Any(of) => of.iter().any(|n| n.holds(sight)),
            Self::Not(of) => !of.holds(sight),
            leaf => leaf.leaf(sight).is_some(),
        }
    }

    /// Whether it holds, part by part, also the parts that no longer matter.
    pub fn trace(&self, sight: Sight<'_>) -> PartTrace {
        let parts: Vec<PartTrace> = match self {
            Self::All(of) | Self::Any(of) => of.iter().map(|n| n.trace(sight)).collect(),
            Self::Not(of) => vec![of.trace(sight)],
            leaf => {
                let found = leaf.leaf(sight);
                return PartTrace {
                    when: self.name(),
                    matched: found.is_some(),
                    found: found.filter(|f| !f.is_empty()),
                    parts: Vec::new(),
                };
            }
        };
        PartTrace {
            when: self.name(),
            matched: self.holds(sight),
            found: None,
            parts,
        }
    }

    /// What a condition without parts found: words, a number, or just that it holds (empty).
    fn leaf(&self, sight: Sight<'_>) -> Option<String> {
        let facts = sight.seen.facts;
        let holds = |yes: bool| yes.then(String::new);
        let counted = |times: u32, at_least: u32| (times >= at_least).then(|| times.to_string());
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) => None,
            Self::Keywords(keywords) => {
                let padded = sight.padded()?;
                let mut keywords = keywords.iter();
                let found = keywords.find(|k| padded.contains(&k.padded))?;
                Some(found.written.clone())
            }
            Self::Regex(pattern) => {
                let found = pattern.find(sight.words()?)?;
                Some(found.as_str().to_owned())
            }
            Self::MessageKind(kinds) => {
                let kind = sight.content()?.kind();
                kinds.iter().find(|k| *k == kind).cloned()
            }
            Self::SaidBy(author) => holds(sight.seen.author() == Some(*author)),
            Self::Language(tags) => {
                let language = sight.language()?;
                tags.iter().find(|t| *t == language).cloned()
            }
            Self::ContactTag(tag) => holds(facts.profile.tags.iter().any(|t| alike(t, tag))),
            Self::ContactAttribute { name, value } => {
                let attribute = facts.profile.attributes.get(name);
                attribute.filter(|known| alike(known, value)).cloned()
            }
            Self::BotFallbacks(n) => counted(facts.progress.fallbacks_in_a_row(), *n),
            Self::MessagesWithoutProgress(n) => counted(facts.progress.contact_messages, *n),
            Self::SameQuestion(n) => counted(sight.times_asked(), *n),
            Self::InBusinessHours => holds(facts.hours.is_open(facts.now)),
            Self::Referral(contains) => {
                let referral = facts.progress.referral.as_ref()?;
                let found = fold(referral).contains(contains.as_str());
                found.then(|| referral.clone())
            }
            Self::PreviousHandoff(within) => {
                let released = facts.released_at?;
                holds(facts.now.since(released) <= *within)
            }
            Self::ConfidenceBelow(limit) => match facts.source {
                Source::Confidence(sure) => (sure < *limit).then(|| sure.to_string()),
                Source::Message { .. } => None,
            },
        }
    }

    /// The name under which the condition is stored.
    fn name(&self) -> &'static str {
        match self {
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
            Self::Keywords(_) => "keywords",
            Self::Regex(_) => "regex",
            Self::MessageKind(_) => "message_kind",
            Self::SaidBy(_) => "said_by",
            Self::Language(_) => "language",
            Self::ContactTag(_) => "contact_tag",
            Self::ContactAttribute { .. } => "contact_attribute",
            Self::BotFallbacks(_) => "bot_fallbacks",
            Self::MessagesWithoutProgress(_) => "messages_without_progress",
            Self::SameQuestion(_) => "same_question",
            Self::InBusinessHours => "in_business_hours",
            Self::Referral(_) => "referral",
            Self::PreviousHandoff(_) => "previous_handoff",
            Self::ConfidenceBelow(_) => "confidence_below",
        }
    }
}

/// Equal as people mean it; signs that fold to nothing must be equal as they are.
fn alike(one: &str, other: &str) -> bool {
    one.trim() == other.trim() || same_words(one, other)
}
