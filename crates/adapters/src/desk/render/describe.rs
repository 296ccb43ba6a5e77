//! Any content as words.

use super::DeskContext;
use super::words;
use domain::message::{
    Attachment, ContactCard, Content, Location, OptionAction, OptionList, Referral,
};
use domain::tenant::Language;

/// How much of a message is quoted.
const QUOTE: usize = 80;

/// The first words of a message, for a quote.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= QUOTE {
        return flat;
    }
    let kept: String = flat.chars().take(QUOTE).collect();
    format!("{}…", kept.trim_end())
}

/// Content as words; a file as its kind, name and link.
#[must_use]
pub fn describe(content: &Content, context: &DeskContext<'_>) -> String {
    let language = context.language;
    let quoted = context.quoted.map(excerpt).filter(|q| !q.is_empty());
    let quoted = quoted.as_deref();
    match content {
        Content::Text { text } => text.clone(),
        Content::Media {
            attachment,
            caption,
        } => file(attachment, caption.as_deref(), context),
        Content::Location(place) => location(place),
        Content::Contacts { cards } => cards.iter().map(card).collect::<Vec<_>>().join("\n\n"),
        Content::Choice { label, .. } => label.clone(),
        Content::Options(list) => options(list),
        Content::Reaction {
            emoji: Some(emoji), ..
        } => words::reacted(language, emoji, quoted),
        Content::Reaction { emoji: None, .. } => words::unreacted(language, quoted),
        Content::Edit { text, .. } => words::edited(language, quoted, text),
        Content::Delete { .. } => words::deleted(language, quoted),
        Content::Referral(referral) => came_from(referral, language),
        Content::Order { summary } => format!("🛒 {summary}"),
        Content::Notice { text, .. } => text.clone(),
        Content::Unsupported { what } => words::unsupported(language, what),
    }
}

fn file(attachment: &Attachment, caption: Option<&str>, context: &DeskContext<'_>) -> String {
    let kind = words::media(attachment.kind, context.language);
    let name = attachment
        .stored
        .as_ref()
        .map(|s| s.name.as_str())
        .or(attachment.name.as_deref());
    let mut text = match name {
        Some(name) => format!("📎 {kind} ({name})"),
        None => format!("📎 {kind}"),
    };
    if let Some(link) = context.file_link {
        text = format!("{text}: {link}");
    } else if attachment.unavailable.is_some() {
        text = format!("{text}: {}", words::file_missing(context.language));
    }
    match caption.filter(|c| !c.trim().is_empty()) {
        Some(caption) => format!("{text}\n{caption}"),
        None => text,
    }
}

fn location(place: &Location) -> String {
    let about: Vec<&str> = [&place.name, &place.address]
        .into_iter()
        .filter_map(|t| t.as_deref().filter(|t| !t.trim().is_empty()))
        .collect();
    let link = format!(
        "https://www.google.com/maps?q={},{}",
        place.latitude, place.longitude
    );
    if about.is_empty() {
        format!("📍 {link}")
    } else {
        format!("📍 {}\n{link}", about.join(", "))
    }
}

fn card(card: &ContactCard) -> String {
    let mut lines = vec![format!("👤 {}", card.name)];
    lines.extend(card.organization.iter().map(|o| format!("🏢 {o}")));
    lines.extend(card.phones.iter().map(|p| format!("📞 {p}")));
    lines.extend(card.emails.iter().map(|e| format!("✉️ {e}")));
    lines.join("\n")
}

fn options(list: &OptionList) -> String {
    let items = list.items.iter().map(|item| match &item.action {
        OptionAction::Link { url } => format!("• {}: {url}", item.label),
        OptionAction::Reply { .. } => format!("• {}", item.label),
    });
    std::iter::once(list.title.clone())
        .chain(items)
        .collect::<Vec<_>>()
        .join("\n")
}

fn came_from(referral: &Referral, language: Language) -> String {
    let source = referral
        .headline
        .as_deref()
        .or(referral.source.as_deref())
        .unwrap_or(words::a_link(language));
    let mut text = format!("🔗 {} {source}", words::came_through(language));
    if let Some(parameter) = referral.parameter.as_deref() {
        text = format!("{text} ({parameter})");
    }
    if let Some(url) = referral.url.as_deref() {
        text = format!("{text}: {url}");
    }
    text
}
