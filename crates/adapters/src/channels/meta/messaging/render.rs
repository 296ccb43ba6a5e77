//! From content to requests (`channels.md` §4.5, §5.3, §6, §7). The platform shows plain text
//! only and has no captions.

mod file;
mod options;

use super::Dialect;
use crate::channels::meta::words;
use domain::channel::ChannelSettings;
use domain::message::{ContactCard, Content, Location};
use domain::ports::{Part, RenderContext};
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// The window after the contact's last word in which anything may be said.
pub const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// The window in which a real person may still answer, with the Human Agent permission.
pub const HUMAN_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);

/// The requests that say `content`; none when there is nothing to say. What has no form of its
/// own on the platform is said in words; a message taken back is not told, as the platform
/// has no way to.
#[must_use]
pub fn render(dialect: &Dialect, content: &Content, context: &RenderContext) -> Vec<Part> {
    let say = |text: &str| texts(dialect, &words::prefixed(&context.prefix, text));
    let mut messages = match content {
        Content::Text { text } | Content::Notice { text, .. } => say(text),
        Content::Media {
            attachment,
            caption,
        } => file::messages(dialect, attachment, caption.as_deref(), context),
        Content::Location(place) => say(&place_in_words(place)),
        Content::Contacts { cards } => say(&cards_in_words(cards)),
        Content::Choice { label, .. } => say(label),
        Content::Options(list) => options::messages(dialect, list, context),
        Content::Reaction { emoji, .. } => say(emoji.as_deref().unwrap_or_default()),
        Content::Edit { text, .. } => say(&format!("✏️ {text}")),
        Content::Order { summary } => say(summary),
        Content::Referral(referral) => say(referral.url.as_deref().unwrap_or_default()),
        Content::Unsupported { .. } => say(context.file_link.as_deref().unwrap_or_default()),
        Content::Delete { .. } => Vec::new(),
    };
    let quote = match content {
        Content::Reaction { target, .. } | Content::Edit { target, .. } => Some(target),
        _ => context.reply_to.as_ref(),
    };
    if let (Some(first), Some(mid)) = (messages.first_mut(), quote) {
        first.reply_to = Some(mid.clone());
    }
    let tagged = needs_tag(context);
    messages
        .into_iter()
        .map(|message| message.part(dialect, tagged))
        .collect()
}

/// Whether the words need the `HUMAN_AGENT` tag: the window is over and the app may use it.
fn needs_tag(context: &RenderContext) -> bool {
    context.settings.human_agent_tag
        && context
            .last_inbound_at
            .is_some_and(|last| context.now > last.after(WINDOW))
}

/// Until when free words may be sent; long past for a contact who never wrote.
#[must_use]
pub fn window(settings: &ChannelSettings, last_inbound_at: Option<Timestamp>) -> Timestamp {
    let span = if settings.human_agent_tag {
        HUMAN_WINDOW
    } else {
        WINDOW
    };
    last_inbound_at.map_or(Timestamp::default(), |last| last.after(span))
}

/// One message before it becomes a request.
struct Message {
    body: Value,
    file: Option<domain::ports::PartFile>,
    reply_to: Option<String>,
}

impl Message {
    fn of(body: Value) -> Self {
        Self {
            body,
            file: None,
            reply_to: None,
        }
    }

    fn part(self, dialect: &Dialect, tagged: bool) -> Part {
        let mut body = json!({ "message": self.body });
        if tagged {
            body["messaging_type"] = json!("MESSAGE_TAG");
            body["tag"] = json!("HUMAN_AGENT");
        } else if dialect.messaging_type {
            body["messaging_type"] = json!("RESPONSE");
        }
        if let Some(mid) = self.reply_to {
            body["reply_to"] = json!({ "mid": mid });
        }
        Part {
            method: "messages".to_owned(),
            body,
            file: self.file,
        }
    }
}

fn texts(dialect: &Dialect, text: &str) -> Vec<Message> {
    domain::message::split_text(text, dialect.unit, dialect.text_limit)
        .into_iter()
        .map(|piece| Message::of(json!({ "text": piece })))
        .collect()
}

/// A place as name, address and a link to a map.
pub(crate) fn place_in_words(place: &Location) -> String {
    let map = format!(
        "https://maps.google.com/?q={},{}",
        place.latitude, place.longitude
    );
    [place.name.as_deref(), place.address.as_deref(), Some(&map)]
        .into_iter()
        .flatten()
        .filter(|part| !part.trim().is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Visiting cards as lines, a blank line between two.
fn cards_in_words(cards: &[ContactCard]) -> String {
    let card = |card: &ContactCard| {
        std::iter::once(&card.name)
            .chain(&card.organization)
            .chain(&card.phones)
            .chain(&card.emails)
            .filter(|line| !line.trim().is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    };
    cards.iter().map(card).collect::<Vec<_>>().join("\n\n")
}
