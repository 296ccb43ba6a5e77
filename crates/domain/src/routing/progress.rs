//! What the rules count since the conversation began or control last returned to the bot.

use crate::message::{Content, Referral};
use crate::words::{fingerprint, fold};
use serde::{Deserialize, Serialize};

const QUESTIONS: usize = 8;
const REFERRAL_CHARS: usize = 500;

/// Counters of one conversation; bounded in size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Times in a row that the bot did not understand (a bot message that matches the
    /// tenant's fallback phrases, or reported through the API). Read it by
    /// [`Progress::fallbacks_in_a_row`].
    pub fallbacks: u32,
    /// Messages of the contact.
    pub contact_messages: u32,
    /// Fingerprints of the contact's last questions with how often each came; at most 8, the
    /// newest last.
    pub questions: Vec<(u64, u32)>,
    /// The referral the contact came with, flattened to one searchable line.
    pub referral: Option<String>,
    /// What the bot did with the contact's last message.
    pub reply: BotReply,
}

/// What the bot did with the contact's last message. A bot answers in several messages («No te
/// entendí», «Elige una opción»): together they are one fallback and not a success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotReply {
    /// Nothing yet.
    #[default]
    None,
    /// It answered.
    Answered,
    /// It did not understand, whatever else it said.
    Fallback,
}

impl Progress {
    /// After a message of the contact. Reactions, edits, deletions and what the platform tells
    /// are no messages of theirs.
    #[must_use]
    pub fn after_contact(&self, content: &Content) -> Self {
        let mut next = self.clone();
        match content {
            Content::Referral(referral) => {
                next.referral = Some(flat(referral)).filter(|line| !line.is_empty());
                return next;
            }
            Content::Reaction { .. }
            | Content::Edit { .. }
            | Content::Delete { .. }
            | Content::Notice { .. } => return next,
            _ => {}
        }
        next.fallbacks = self.fallbacks_in_a_row();
        next.reply = BotReply::None;
        next.contact_messages = next.contact_messages.saturating_add(1);
        if let Some(question) = question(content) {
            next.ask(question);
        }
        next
    }

    /// After a message of the bot; `fallback_phrases` are the tenant's, compared as keywords
    /// are.
    #[must_use]
    pub fn after_bot(&self, content: &Content, fallback_phrases: &[String]) -> Self {
        let said = format!(" {} ", fold(content.words().unwrap_or_default()));
        let fallback = fallback_phrases
            .iter()
            .map(|phrase| fold(phrase))
            .any(|phrase| !phrase.is_empty() && said.contains(&format!(" {phrase} ")));
        if fallback {
            return self.after_fallback();
        }
        let mut next = self.clone();
        if next.reply == BotReply::None {
            next.reply = BotReply::Answered;
        }
        next
    }

    /// After the bot reported by itself that it did not understand.
    #[must_use]
    pub fn after_fallback(&self) -> Self {
        let mut next = self.clone();
        if next.reply != BotReply::Fallback {
            next.fallbacks = next.fallbacks.saturating_add(1);
            next.reply = BotReply::Fallback;
        }
        next
    }

    /// After control returned to the bot: rules look only at what comes from here on.
    #[must_use]
    pub fn released(&self) -> Self {
        Self::default()
    }

    /// Times in a row that the bot did not understand, up to now.
    #[must_use]
    pub fn fallbacks_in_a_row(&self) -> u32 {
        match self.reply {
            BotReply::Answered => 0,
            BotReply::None | BotReply::Fallback => self.fallbacks,
        }
    }

    fn ask(&mut self, question: u64) {
        let before = self.questions.iter().position(|(q, _)| *q == question);
        let times = before.map_or(0, |at| self.questions.remove(at).1);
        self.questions.push((question, times.saturating_add(1)));
        let surplus = self.questions.len().saturating_sub(QUESTIONS);
        self.questions.drain(..surplus);
    }
}

/// What may be asked again: a tapped option, or words that are more than «sí», «ok» or «1»,
/// which one says often without being stuck.
fn question(content: &Content) -> Option<u64> {
    let words = content.words()?;
    let tapped = matches!(content, Content::Choice { .. });
    let asks = words.contains('?') || fold(words).contains(' ');
    (tapped || asks).then(|| fingerprint(words)).flatten()
}

/// One searchable line.
fn flat(referral: &Referral) -> String {
    let parts = [
        &referral.parameter,
        &referral.source,
        &referral.headline,
        &referral.ad_id,
    ];
    let line: Vec<&str> = parts
        .into_iter()
        .flatten()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    line.join(" ").chars().take(REFERRAL_CHARS).collect()
}
