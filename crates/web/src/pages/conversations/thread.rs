//! Messages as a chat shows them: one self-contained list entry each, so that a live update can
//! add or replace a single one.

use crate::i18n::{Dates, Lang, When};
use crate::pages::parts::size;
use askama::Template;
use domain::channel::ChannelKind;
use domain::ids::OutboxId;
use domain::message::{
    Attachment, Author, Content, DeliveryStatus, MediaKind, Message, OptionAction, StoredFile,
};
use std::collections::HashMap;

/// How messages are shown: who looks, and from where.
pub(crate) struct Look<'a> {
    pub l: Lang,
    pub dates: &'a Dates,
    pub contact: &'a str,
    pub kind: ChannelKind,
    /// Files are at `<files>/<id>`.
    pub files: &'a str,
    /// The conversation's page, for buttons; empty where there are none.
    pub conversation: &'a str,
    /// For the retry buttons; empty where the visitor may not.
    pub csrf: &'a str,
    /// Rows given up, by message.
    pub dead: &'a HashMap<domain::ids::MessageId, OutboxId>,
    /// Numbers of messages that may be at the contact twice.
    pub doubtful: &'a [i64],
}

/// What a bubble holds.
pub(crate) enum Body {
    Text(String),
    Photo {
        src: String,
        alt: String,
        sticker: bool,
    },
    Sound {
        src: String,
        name: String,
    },
    Film {
        src: String,
        name: String,
    },
    File {
        href: String,
        name: String,
        detail: String,
    },
    NoFile {
        icon: &'static str,
        text: String,
    },
    Place {
        name: String,
        href: String,
    },
    Cards(Vec<Card>),
    Options {
        title: String,
        items: Vec<String>,
    },
}

/// A visiting card.
pub(crate) struct Card {
    pub name: String,
    pub detail: String,
}

/// How far a message got.
pub(crate) struct Status {
    pub css: &'static str,
    pub icon: &'static str,
    pub label: String,
}

/// The buttons under a message that was given up.
pub(crate) struct Retry {
    pub id: String,
    pub csrf: String,
    pub label: String,
    pub discard: String,
}

#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessageView {
    pub seq: i64,
    pub side: &'static str,
    pub css: &'static str,
    pub icon: &'static str,
    pub by: String,
    pub divider: Option<String>,
    pub quote: Option<String>,
    pub body: Body,
    pub caption: Option<String>,
    pub at: When,
    pub status: Option<Status>,
    pub why: Option<String>,
    pub failed: bool,
    pub muted: bool,
    /// It may be at the contact twice.
    pub doubt: Option<String>,
    /// The message's way through the house, for members: address and label.
    pub trace: Option<(String, String)>,
    pub retry: Option<Retry>,
    pub conversation: String,
    /// Replaces the entry with the same id on the page.
    pub oob: bool,
}

/// Entries for `messages`, which follow `before` in the conversation.
pub(crate) fn views(
    before: Option<&Message>,
    messages: &[Message],
    look: &Look<'_>,
) -> Vec<MessageView> {
    let mut previous = before;
    let mut views = Vec::with_capacity(messages.len());
    for message in messages {
        let quoted = message.reply_to.as_ref().and_then(|id| {
            let found = messages.iter().find(|m| m.external_id.as_ref() == Some(id));
            found.and_then(|m| m.content.words()).map(|w| cut(w, 120))
        });
        views.push(view(previous, message, quoted, look));
        previous = Some(message);
    }
    views
}

fn view(
    previous: Option<&Message>,
    message: &Message,
    quote: Option<String>,
    look: &Look<'_>,
) -> MessageView {
    let l = look.l;
    let (side, css, icon) = match message.author {
        Author::Contact => ("in", "contact", "user"),
        Author::Bot => ("out", "bot", "bot"),
        Author::Agent => ("out", "agent", "headset"),
        Author::System => ("system", "", "info"),
    };
    let by = match message.author {
        Author::Contact => look.contact.to_owned(),
        Author::System => String::new(),
        Author::Bot => l.t("author-bot"),
        Author::Agent => match &message.author_name {
            Some(name) => name.clone(),
            None => l.t("author-agent"),
        },
    };
    let same_voice = previous.is_some_and(|p| {
        p.author == message.author
            && p.author_name == message.author_name
            && p.handoff == message.handoff
    });
    let (body, caption) = body(&message.content, look);
    let muted = message.status == DeliveryStatus::Muted;
    let failed = message.status == DeliveryStatus::Failed;
    let dead = look.dead.get(&message.id);
    MessageView {
        seq: message.seq,
        side,
        css,
        icon,
        divider: divider(previous, message, look),
        by: if same_voice { String::new() } else { by },
        quote,
        body,
        caption,
        at: look.dates.time(message.sent_at),
        status: status(message, look),
        why: message
            .failure
            .as_deref()
            .filter(|_| failed)
            .map(|f| why(f, l)),
        doubt: look
            .doubtful
            .contains(&message.seq)
            .then(|| l.t("talk-doubtful")),
        trace: (!look.conversation.is_empty()).then(|| {
            let (talk, id) = (look.conversation, message.id);
            let address = format!("/conversations/{talk}/messages/{id}/trace");
            (address, l.t("trace-open"))
        }),
        failed,
        muted,
        retry: dead.filter(|_| !look.csrf.is_empty()).map(|id| Retry {
            id: id.to_string(),
            csrf: look.csrf.to_owned(),
            label: l.t("retry"),
            discard: l.t("discard"),
        }),
        conversation: look.conversation.to_owned(),
        oob: false,
    }
}

/// Why it did not arrive, in plain words; what the platform said exactly is in the trace.
pub(crate) fn why(failure: &str, l: Lang) -> String {
    let code = failure.split(": ").next().unwrap_or(failure);
    let code: String = code
        .chars()
        .take(40)
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let found = l.word("why", &code);
    if found == code || code.is_empty() {
        l.t("why-other")
    } else {
        found
    }
}

/// What a message without words is called.
pub(crate) fn label(content: &Content, l: Lang) -> String {
    l.word("kind", content.kind())
}

/// A new day, or control that changed hands since the message before.
fn divider(previous: Option<&Message>, message: &Message, look: &Look<'_>) -> Option<String> {
    let day = look.dates.day(message.sent_at);
    let changed = previous.is_some_and(|p| p.handoff != message.handoff);
    let turned = changed.then(|| match message.handoff {
        Some(_) => look.l.t("divider-human"),
        None => look.l.t("divider-bot"),
    });
    let new_day = previous.is_none_or(|p| look.dates.day(p.sent_at) != day);
    match (new_day, turned) {
        (true, Some(turned)) => Some(format!("{day} · {turned}")),
        (true, None) => Some(day),
        (false, turned) => turned,
    }
}

fn status(message: &Message, look: &Look<'_>) -> Option<Status> {
    // What the contact said has arrived; what matters is whether an agent could be told.
    if message.author == Author::Contact && message.status != DeliveryStatus::Failed {
        return None;
    }
    let (css, icon) = match message.status {
        DeliveryStatus::Accepted => ("", "clock"),
        DeliveryStatus::Sent => ("", "check"),
        DeliveryStatus::Delivered => ("", "check-check"),
        DeliveryStatus::Read => ("read", "check-check"),
        DeliveryStatus::Failed => ("bad", "circle-alert"),
        DeliveryStatus::Muted => ("", "ban"),
    };
    // Telegram confirms that it took a message and nothing after that.
    let telegram = look.kind == ChannelKind::Telegram && message.status == DeliveryStatus::Sent;
    let key = if telegram {
        "sent_telegram"
    } else {
        message.status.name()
    };
    Some(Status {
        css,
        icon,
        label: look.l.word("status", key),
    })
}

fn body(content: &Content, look: &Look<'_>) -> (Body, Option<String>) {
    let l = look.l;
    let text = |t: String| (Body::Text(t), None);
    match content {
        Content::Text { text: words } => text(words.clone()),
        Content::Media {
            attachment,
            caption,
        } => (file(attachment, look), caption.clone()),
        Content::Location(place) => {
            let (lat, lon) = (place.latitude, place.longitude);
            let at = format!("{lat:.5}, {lon:.5}");
            let named: Vec<String> = [&place.name, &place.address]
                .into_iter()
                .flatten()
                .cloned()
                .collect();
            let name = if named.is_empty() {
                at
            } else {
                named.join(", ")
            };
            let href =
                format!("https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=16/{lat}/{lon}");
            (Body::Place { name, href }, None)
        }
        Content::Contacts { cards } => {
            let cards = cards.iter().map(|c| Card {
                name: c.name.clone(),
                detail: c
                    .phones
                    .iter()
                    .chain(&c.emails)
                    .chain(&c.organization)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" · "),
            });
            (Body::Cards(cards.collect()), None)
        }
        Content::Choice { label, .. } => text(l.with("said-choice", "label", label)),
        Content::Options(list) => {
            let items = list.items.iter().map(|item| match &item.action {
                OptionAction::Link { .. } => format!("{} ↗", item.label),
                OptionAction::Reply { .. } => item.label.clone(),
            });
            let title = list.title.clone();
            (
                Body::Options {
                    title,
                    items: items.collect(),
                },
                None,
            )
        }
        Content::Reaction {
            emoji: Some(emoji), ..
        } => text(l.with("said-reaction", "emoji", emoji)),
        Content::Reaction { emoji: None, .. } => text(l.t("said-reaction-back")),
        Content::Edit { text: words, .. } => text(l.with("said-edit", "text", words)),
        Content::Delete { .. } => text(l.t("said-delete")),
        Content::Referral(referral) => {
            let told = [
                &referral.headline,
                &referral.parameter,
                &referral.source,
                &referral.ad_id,
            ];
            let told = told
                .into_iter()
                .flatten()
                .next()
                .cloned()
                .unwrap_or_default();
            text(l.with("said-referral", "what", told))
        }
        Content::Order { summary } => text(l.with("said-order", "summary", summary)),
        Content::Notice { text: words, .. } => text(words.clone()),
        Content::Unsupported { what } => text(l.with("said-unsupported", "what", what)),
    }
}

fn file(attachment: &Attachment, look: &Look<'_>) -> Body {
    let l = look.l;
    let kind = l.word("kind", attachment.kind.name());
    let Some(stored) = &attachment.stored else {
        let icon = match attachment.kind {
            MediaKind::Image => "image",
            MediaKind::Video => "video",
            MediaKind::Audio | MediaKind::Voice => "mic",
            MediaKind::Sticker => "sticker",
            MediaKind::File => "file-text",
        };
        let text = match &attachment.unavailable {
            Some(why) => l.filled("file-unavailable", &[("kind", &kind), ("why", why)]),
            None => l.with("file-pending", "kind", &kind),
        };
        return Body::NoFile { icon, text };
    };
    let src = format!("{}/{}", look.files, stored.id);
    let name = stored.name.clone();
    // By what the bytes are, not by what they were sent as.
    match stored.mime.split('/').next() {
        Some("image") if is_shown(stored) => Body::Photo {
            alt: if name.is_empty() { kind } else { name },
            sticker: attachment.kind == MediaKind::Sticker,
            src,
        },
        Some("audio") if is_shown(stored) => Body::Sound { src, name },
        Some("video") if is_shown(stored) => Body::Film { src, name },
        _ => Body::File {
            detail: format!("{} · {}", file_type(stored), size(stored.size)),
            name: if name.is_empty() { kind } else { name },
            href: src,
        },
    }
}

/// What people call a type of file: «PDF». Without a telling name, the type itself.
fn file_type(file: &StoredFile) -> String {
    let end = file.name.rsplit_once('.').map_or("", |(_, end)| end);
    let tells = (2..=5).contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphanumeric());
    if tells {
        end.to_ascii_uppercase()
    } else {
        file.mime.clone()
    }
}

/// Whether a browser may show the file in the page; everything else is a download.
pub(crate) fn is_shown(file: &StoredFile) -> bool {
    const SHOWN: [&str; 14] = [
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/avif",
        "audio/mpeg",
        "audio/ogg",
        "audio/mp4",
        "audio/aac",
        "audio/wav",
        "audio/webm",
        "video/mp4",
        "video/webm",
        "application/pdf",
    ];
    let more = [
        "audio/x-wav",
        "audio/m4a",
        "audio/amr",
        "audio/opus",
        "video/quicktime",
    ];
    SHOWN.contains(&file.mime.as_str()) || more.contains(&file.mime.as_str())
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let short: String = text.chars().take(most).collect();
    format!("{short}…")
}
