//! From content to requests (`channels.md` §2.6, §6, §7).

mod file;
mod options;
mod plain;
mod template;

pub(super) use file::as_document;

use crate::channels::meta::messaging::render::place_in_words;
use crate::channels::meta::words;
use domain::message::{ContactCard, Content, Location, TextUnit};
use domain::ports::{Part, PartFile, RenderContext};
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// The window after the contact's last word in which anything may be said.
const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// The longest text.
const TEXT: usize = 4096;

/// Until when free words may be sent; long past for a contact who never wrote.
pub(super) fn window(last_inbound_at: Option<Timestamp>) -> Timestamp {
    last_inbound_at.map_or(Timestamp::default(), |last| last.after(WINDOW))
}

/// The requests that say `content`; none when there is nothing to say. Outside the window the
/// words go as the tenant's template, if there is one. A message taken back is not told, as
/// the platform has no way to.
pub(super) fn render(content: &Content, context: &RenderContext) -> Vec<Part> {
    let closed = context.now > window(context.last_inbound_at);
    if let Some(template) = context.settings.reopen_template.as_ref().filter(|_| closed) {
        return template::parts(content, template, context);
    }
    let say = |text: &str| texts(&words::prefixed(&context.prefix, text));
    let mut parts = match content {
        Content::Text { text } | Content::Notice { text, .. } => say(text),
        Content::Media {
            attachment,
            caption,
        } => file::parts(attachment, caption.as_deref(), context),
        Content::Location(place) => location(place),
        Content::Contacts { cards } => contacts(cards),
        Content::Choice { label, .. } => say(label),
        Content::Options(list) => options::parts(list, context),
        Content::Reaction { target, emoji } => return vec![reaction(target, emoji.as_deref())],
        Content::Edit { text, .. } => say(&format!("✏️ {text}")),
        Content::Order { summary } => say(summary),
        Content::Referral(referral) => say(referral.url.as_deref().unwrap_or_default()),
        Content::Unsupported { .. } => say(context.file_link.as_deref().unwrap_or_default()),
        Content::Delete { .. } => Vec::new(),
    };
    let quote = match content {
        Content::Edit { target, .. } => Some(target),
        _ => context.reply_to.as_ref(),
    };
    if let (Some(first), Some(id)) = (parts.first_mut(), quote) {
        first.body["context"] = json!({ "message_id": id });
    }
    parts
}

/// A request of one type, its content under a field of the same name.
fn part(kind: &str, content: Value) -> Part {
    Part {
        method: "messages".to_owned(),
        body: json!({ "type": kind, kind: content }),
        file: None,
    }
}

fn file_part(kind: &str, content: Value, file: PartFile) -> Part {
    Part {
        file: Some(file),
        ..part(kind, content)
    }
}

fn texts(text: &str) -> Vec<Part> {
    domain::message::split_text(&plain::plain(text), TextUnit::Characters, TEXT)
        .into_iter()
        .map(|piece| part("text", json!({ "body": piece, "preview_url": false })))
        .collect()
}

/// Degrees go as text; an impossible place goes as words.
fn location(place: &Location) -> Vec<Part> {
    if place.latitude.abs() > 90.0 || place.longitude.abs() > 180.0 {
        return texts(&place_in_words(place));
    }
    let mut content = json!({
        "latitude": place.latitude.to_string(),
        "longitude": place.longitude.to_string(),
    });
    for (field, value) in [("name", &place.name), ("address", &place.address)] {
        let value = value
            .as_deref()
            .map(words::one_line)
            .filter(|v| !v.is_empty());
        if let Some(value) = value {
            content[field] = json!(value);
        }
    }
    vec![part("location", content)]
}

fn contacts(cards: &[ContactCard]) -> Vec<Part> {
    let card = |card: &ContactCard| {
        let name = words::one_line(&card.name);
        let name = if name.is_empty() {
            "?".to_owned()
        } else {
            name
        };
        let mut object = json!({ "name": { "formatted_name": name, "first_name": name } });
        let list = |key: &str, values: &[String]| -> Vec<Value> {
            values
                .iter()
                .map(|v| json!({ key: words::one_line(v) }))
                .collect()
        };
        if !card.phones.is_empty() {
            object["phones"] = json!(list("phone", &card.phones));
        }
        if !card.emails.is_empty() {
            object["emails"] = json!(list("email", &card.emails));
        }
        if let Some(company) = &card.organization {
            object["org"] = json!({ "company": words::one_line(company) });
        }
        object
    };
    if cards.is_empty() {
        return Vec::new();
    }
    vec![part("contacts", cards.iter().map(card).collect())]
}

/// An empty emoji takes the reaction back.
fn reaction(target: &str, emoji: Option<&str>) -> Part {
    part(
        "reaction",
        json!({ "message_id": target, "emoji": emoji.unwrap_or_default() }),
    )
}
