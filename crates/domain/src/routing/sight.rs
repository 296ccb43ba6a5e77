//! What one rule sees of one event. Folding and telling the language are done once per event,
//! and only if a rule asks.

use super::compile::Hears;
use super::language;
use super::{Facts, Source};
use crate::message::{Author, Content};
use crate::words::{fingerprint, fold};
use std::cell::OnceCell;

/// One event, shared by all rules.
pub(super) struct Seen<'a> {
    pub facts: &'a Facts<'a>,
    padded: OnceCell<String>,
    language: OnceCell<Option<String>>,
}

/// The event as one rule sees it.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    pub seen: &'a Seen<'a>,
    /// Whether what was said counts: a rule that does not say whose words it looks at does not
    /// find the contact's keywords in the bot's mouth.
    words_count: bool,
}

impl<'a> Seen<'a> {
    pub fn new(facts: &'a Facts<'a>) -> Self {
        Self {
            facts,
            padded: OnceCell::new(),
            language: OnceCell::new(),
        }
    }

    /// The event as a rule that hears this sees it; `None` if the rule does not look at it.
    pub fn by(&'a self, hears: Hears) -> Option<Sight<'a>> {
        let words_count = match self.facts.source {
            Source::Message { author, .. } => match author {
                Author::Contact => true,
                Author::Bot if hears.says_who => true,
                Author::Bot if hears.fallbacks => false,
                Author::Bot | Author::Agent | Author::System => return None,
            },
            Source::Confidence(_) if hears.confidence => false,
            Source::Confidence(_) => return None,
        };
        Some(Sight {
            seen: self,
            words_count,
        })
    }

    /// Who said it, if it was said.
    pub fn author(&self) -> Option<Author> {
        match self.facts.source {
            Source::Message { author, .. } => Some(author),
            Source::Confidence(_) => None,
        }
    }
}

impl<'a> Sight<'a> {
    /// What was said, if it counts.
    pub fn content(self) -> Option<&'a Content> {
        match self.seen.facts.source {
            Source::Message { content, .. } if self.words_count => Some(content),
            _ => None,
        }
    }

    /// The words, as typed.
    pub fn words(self) -> Option<&'a str> {
        self.content().and_then(Content::words)
    }

    /// The folded words between two spaces, so that « agente » is found as a whole word.
    pub fn padded(self) -> Option<&'a str> {
        let words = self.words()?;
        let padded = self
            .seen
            .padded
            .get_or_init(|| format!(" {} ", fold(words)));
        Some(padded)
    }

    /// The contact's language: what the platform told, otherwise what the words look like.
    pub fn language(self) -> Option<&'a str> {
        let told = self.seen.facts.profile.language.as_deref();
        let contact = self.seen.author() == Some(Author::Contact);
        let words = self.words().filter(|_| contact);
        let language = self.seen.language.get_or_init(|| {
            told.and_then(language::primary_tag)
                .or_else(|| words.and_then(language::detect).map(str::to_owned))
        });
        language.as_deref()
    }

    /// How often the contact has asked this.
    pub fn times_asked(self) -> u32 {
        let asked = self.words().and_then(fingerprint);
        let questions = &self.seen.facts.progress.questions;
        questions
            .iter()
            .find(|(question, _)| Some(*question) == asked)
            .map_or(0, |(_, times)| *times)
    }
}
