//! When a rule matches: a tree of conditions, editable in a form, bounded by construction.

use serde::{Deserialize, Serialize};

/// When a rule matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Condition {
    /// Every one of them; an empty list always matches.
    All {
        /// The parts.
        of: Vec<Condition>,
    },
    /// At least one of them; an empty list never matches.
    Any {
        /// The parts.
        of: Vec<Condition>,
    },
    /// Not this one.
    Not {
        /// The part.
        of: Box<Condition>,
    },
    /// The words contain one of these as whole words; accents and case do not matter.
    Keywords {
        /// Words or phrases: «agente», «hablar con una persona».
        words: Vec<String>,
    },
    /// The words match this regular expression (linear time, limited size).
    Regex {
        /// The expression.
        pattern: String,
    },
    /// The message is of one of these kinds ([`crate::message::Content::kind`]).
    MessageKind {
        /// Names of kinds.
        kinds: Vec<String>,
    },
    /// Who said it: `contact` or `bot`. Rules without this look at the contact's words only.
    SaidBy {
        /// The author.
        author: crate::message::Author,
    },
    /// The contact's language is one of these (BCP 47 primary tags: `es`, `pt`).
    Language {
        /// Primary tags.
        tags: Vec<String>,
    },
    /// The contact has this tag.
    ContactTag {
        /// The tag.
        tag: String,
    },
    /// The contact has this attribute with this value.
    ContactAttribute {
        /// The attribute's name.
        name: String,
        /// Its value, compared accent- and case-insensitively.
        value: String,
    },
    /// The bot did not understand at least this many times in a row. A rule with this part is
    /// looked at right after the bot's word, too, so that nobody has to ask once more.
    BotFallbacks {
        /// How many.
        at_least: u32,
    },
    /// The contact wrote at least this many messages since the conversation began or the last
    /// release.
    MessagesWithoutProgress {
        /// How many.
        at_least: u32,
    },
    /// The contact asked the same thing at least this many times, this message included.
    SameQuestion {
        /// How many.
        at_least: u32,
    },
    /// It is inside the tenant's business hours.
    InBusinessHours,
    /// The contact came through a link or an advertisement; an empty text means any.
    Referral {
        /// Part of the parameter, source, headline or ad id.
        contains: String,
    },
    /// A handoff ended within the last hours.
    PreviousHandoff {
        /// How many hours back.
        within_hours: u32,
    },
    /// The bot said it was less sure than this (0 to 1) through the API.
    ConfidenceBelow {
        /// The limit.
        limit: f32,
    },
}
