//! The message that opens a conversation at the desk: what was said so far, and where to read on.

use super::render::{DeskContext, describe, words::pick};
use domain::message::{Author, DeliveryStatus, Message};
use domain::tenant::Language;
use domain::time::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{HashMap, VecDeque};

/// The longest opening message in characters. Let's Talk documents no limit; this is what a
/// reader can bear, and well below the sizes at which web APIs begin to refuse.
pub const LONGEST: usize = 30_000;

/// The longest single line and the longest summary in characters.
const LONGEST_LINE: usize = 4_000;

/// What the transcript depends on.
#[derive(Clone, Copy)]
pub struct TranscriptContext<'a> {
    /// The tenant's language.
    pub language: Language,
    /// The tenant's zone, e.g. `America/Santiago`; UTC if unknown.
    pub time_zone: &'a str,
    /// What the bot or the rule says about the case; comes first.
    pub summary: Option<&'a str>,
    /// The signed link to the whole history; comes last, never cut off.
    pub history_link: Option<&'a str>,
    /// The signed link to a message's file.
    pub file_link: &'a dyn Fn(&Message) -> Option<String>,
}

/// Writes the opening message from `messages`, oldest first. One line per message with its time
/// in the tenant's zone; where it becomes too long, the oldest lines give way to «…». What the
/// contact never saw (muted) is left out.
#[must_use]
pub fn transcript(messages: &[Message], context: &TranscriptContext<'_>) -> String {
    let head = context.summary.map(str::trim).filter(|s| !s.is_empty());
    let head = head.map(|s| cut(s, LONGEST_LINE));
    let foot = context.history_link.map(|link| {
        let lead = pick(
            context.language,
            "Historial completo",
            "Full history",
            "Histórico completo",
        );
        format!("{lead}: {link}")
    });
    let frame: usize = [&head, &foot]
        .into_iter()
        .flatten()
        .map(|part| part.chars().count() + 2)
        .sum();
    let body = lines(messages, context, LONGEST.saturating_sub(frame));
    [head, (!body.is_empty()).then_some(body), foot]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn lines(messages: &[Message], context: &TranscriptContext<'_>, room: usize) -> String {
    let zone = TimeZone::get(context.time_zone).unwrap_or(TimeZone::UTC);
    let by_id: HashMap<&str, &Message> = messages
        .iter()
        .filter_map(|m| Some((m.external_id.as_deref()?, m)))
        .collect();
    let mut kept = VecDeque::new();
    // Two characters are kept for the «…» that may go on top.
    let mut left = room.saturating_sub(2);
    let said = messages.iter().rev();
    for message in said.filter(|m| m.status != DeliveryStatus::Muted) {
        let line = line(message, &by_id, &zone, context);
        let length = line.chars().count() + 1;
        if length > left {
            kept.push_front("…".to_owned());
            break;
        }
        left -= length;
        kept.push_front(line);
    }
    Vec::from(kept).join("\n")
}

fn line(
    message: &Message,
    by_id: &HashMap<&str, &Message>,
    zone: &TimeZone,
    context: &TranscriptContext<'_>,
) -> String {
    let target = match &message.content {
        domain::message::Content::Reaction { target, .. }
        | domain::message::Content::Edit { target, .. }
        | domain::message::Content::Delete { target } => Some(target.as_str()),
        _ => None,
    };
    let quoted = target
        .and_then(|id| by_id.get(id))
        .and_then(|m| m.content.words());
    let link = message
        .content
        .attachment()
        .and_then(|_| (context.file_link)(message));
    let said = describe(
        &message.content,
        &DeskContext {
            language: context.language,
            quoted,
            file_link: link.as_deref(),
            ..DeskContext::default()
        },
    );
    let flat: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let failed = match message.status {
        DeliveryStatus::Failed => pick(
            context.language,
            " (no entregado)",
            " (not delivered)",
            " (não entregue)",
        ),
        _ => "",
    };
    let line = format!(
        "[{}] {}: {}",
        time(message.sent_at, zone),
        author(message, context.language),
        flat.join(" / ")
    );
    format!("{}{failed}", cut(&line, LONGEST_LINE))
}

fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_jiff().map_or_else(
        || "?".to_owned(),
        |t| {
            t.to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        },
    )
}

fn author(message: &Message, language: Language) -> String {
    let role = match message.author {
        Author::Contact => pick(language, "Cliente", "Customer", "Cliente"),
        Author::Bot => "Bot",
        Author::Agent => pick(language, "Agente", "Agent", "Agente"),
        Author::System => pick(language, "Sistema", "System", "Sistema"),
    };
    let name = message
        .author_name
        .as_deref()
        .map(|n| n.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|n| !n.is_empty());
    match (message.author, name) {
        (Author::Contact, Some(name)) => name,
        (Author::Agent, Some(name)) => format!("{role} {name}"),
        _ => role.to_owned(),
    }
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(longest.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests;
