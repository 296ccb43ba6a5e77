//! What the list shows.

use super::asked::Asked;
use super::thread::label;
use super::view::{contact_name, state};
use crate::i18n::{Dates, Lang, When};
use crate::pages::parts::{Badge, Choice, line_title};
use crate::pages::shell::Shell;
use adapters::store::{ConversationRow, Hit};
use askama::Template;
use domain::message::Author;
use domain::search::{SearchTerms, Span};

/// A conversation as the list shows it: one self-contained entry, so that a live update can
/// replace it.
#[derive(Template)]
#[template(path = "talk.html")]
pub(crate) struct Talk {
    pub id: String,
    pub kind: &'static str,
    pub contact: String,
    pub channel: String,
    pub by: String,
    pub words: String,
    pub at: When,
    /// The instant of the last message: the order of the list.
    pub rank: i64,
    pub failed: i64,
    pub failed_label: String,
    pub state: Badge,
    pub tags: Vec<String>,
}

impl Talk {
    pub fn of(row: &ConversationRow, dates: &Dates, l: Lang) -> Self {
        let by = match row.last_author {
            Some(Author::Bot) => l.t("author-bot"),
            Some(Author::Agent) => l.t("author-agent"),
            _ => String::new(),
        };
        Self {
            id: row.conversation.id.to_string(),
            kind: row.channel_kind.name(),
            contact: contact_name(row, l),
            channel: line_title(row.channel_kind, &row.channel_name, l),
            by,
            words: glimpse(&row.last_words, l),
            at: dates.short(row.conversation.last_message_at),
            rank: row.conversation.last_message_at.0,
            failed: row.failed,
            failed_label: l.n("talk-failed", row.failed),
            state: state(&row.conversation.state, l),
            tags: row.contact.profile.tags.iter().take(3).cloned().collect(),
        }
    }
}

/// What was last said; `[image]`, the stored word for what has no words, in the reader's.
fn glimpse(words: &str, l: Lang) -> String {
    let kind = words.strip_prefix('[').and_then(|w| w.strip_suffix(']'));
    match kind.filter(|k| k.bytes().all(|b| b.is_ascii_lowercase())) {
        Some(kind) => l.word("kind", kind),
        None => words.to_owned(),
    }
}

/// A message that was found.
pub(crate) struct Found {
    /// The conversation, opened at the message.
    pub href: String,
    pub kind: &'static str,
    pub contact: String,
    pub channel: String,
    pub by: String,
    pub excerpt: Vec<Span>,
    pub at: When,
    pub state: Badge,
}

impl Found {
    pub fn of(hit: &Hit, terms: &SearchTerms, dates: &Dates, l: Lang) -> Self {
        let by = match hit.author {
            Author::Contact => String::new(),
            Author::Bot => l.t("author-bot"),
            Author::System => l.t("author-system"),
            Author::Agent => hit
                .author_name
                .clone()
                .unwrap_or_else(|| l.t("author-agent")),
        };
        let words = hit.content.words().map(str::to_owned);
        let words = words.unwrap_or_else(|| label(&hit.content, l));
        Self {
            href: format!(
                "/conversations/{}?at={}#m-{}",
                hit.row.conversation.id, hit.seq, hit.seq
            ),
            kind: hit.row.channel_kind.name(),
            contact: contact_name(&hit.row, l),
            channel: line_title(hit.row.channel_kind, &hit.row.channel_name, l),
            by,
            excerpt: terms.excerpt(&words),
            at: dates.short(hit.sent_at),
            state: state(&hit.row.conversation.state, l),
        }
    }
}

#[derive(Template)]
#[template(path = "conversations.html")]
pub(crate) struct ConversationsPage {
    pub s: Shell,
    pub q: String,
    /// A search with words in it.
    pub searched: bool,
    pub state: Vec<Choice>,
    pub channel: Vec<Choice>,
    /// Field, label, choices.
    pub rare: Vec<(&'static str, String, Vec<Choice>)>,
    /// How many of the less common filters are on.
    pub rare_on: usize,
    pub from: String,
    pub until: String,
    pub failed_only: bool,
    /// Whether anything narrows the list.
    pub filtered: bool,
    pub talks: Vec<Talk>,
    pub found: Vec<Found>,
    pub newer: Option<String>,
    pub older: Option<String>,
    /// Where changes are heard of; only at the newest end.
    pub live: Option<String>,
}

impl ConversationsPage {
    /// The page with what was asked, still without rows.
    pub fn asked(asked: &Asked, s: Shell) -> Self {
        Self {
            s,
            q: asked.q.clone(),
            searched: asked.terms.is_some(),
            state: Vec::new(),
            channel: Vec::new(),
            rare: Vec::new(),
            rare_on: asked.rare(),
            from: asked.value("from").to_owned(),
            until: asked.value("until").to_owned(),
            failed_only: asked.filter.failed_only,
            filtered: asked.is_narrow(),
            talks: Vec::new(),
            found: Vec::new(),
            newer: None,
            older: None,
            live: None,
        }
    }
}
