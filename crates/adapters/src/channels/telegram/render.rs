//! What we say becomes calls. Words go without `parse_mode`: nothing in them can be markup.

use super::method;
use domain::message::{
    Attachment, ContactCard, Content, Location, OptionAction, OptionList, TextUnit, shorten,
    split_text, unique_labels,
};
use domain::ports::{Part, PartFile, RenderContext};
use serde_json::{Value, json};

/// Telegram counts after parsing, in UTF-16 units (cautious; the documentation says characters).
const UNIT: TextUnit = TextUnit::Utf16;
const TEXT_LIMIT: usize = 4096;
const CAPTION_LIMIT: usize = 1024;
const LABEL_LIMIT: usize = 64;
const DATA_LIMIT: usize = 64;
const BUTTON_LIMIT: usize = 100;

/// The calls that say `content`, to be made in this order. The quote is on the first.
pub(super) fn render(content: &Content, context: &RenderContext) -> Vec<Part> {
    let mut parts = match content {
        Content::Text { text } => words(text, context),
        Content::Media {
            attachment,
            caption,
        } => media(attachment, caption.as_deref(), context),
        Content::Options(list) => options(list, context),
        Content::Location(place) => vec![location(place)],
        Content::Contacts { cards } => cards.iter().flat_map(contact).collect(),
        Content::Choice { label, .. } => words(label, context),
        Content::Order { summary } => words(summary, context),
        Content::Notice { text, .. } => words(text, context),
        Content::Edit { target, text } => edit(target, text, context),
        Content::Delete { target } => delete(target),
        Content::Reaction { target, emoji } => {
            let mut parts = text_parts(emoji.as_deref().unwrap_or_default());
            quote(&mut parts, Some(target));
            parts
        }
        Content::Unsupported { .. } => {
            let told = "Te enviamos algo que Telegram no puede mostrar.";
            words(&with_link(told, context), context)
        }
        Content::Referral(_) => Vec::new(),
    };
    if !matches!(content, Content::Reaction { .. }) {
        quote(&mut parts, context.reply_to.as_deref());
    }
    parts
}

fn call(method: &str, body: Value) -> Part {
    Part {
        method: method.to_owned(),
        body,
        file: None,
    }
}

fn text_part(text: &str) -> Part {
    let body = json!({"text": text, "link_preview_options": {"is_disabled": true}});
    call("sendMessage", body)
}

fn text_parts(text: &str) -> Vec<Part> {
    split_text(text, UNIT, TEXT_LIMIT)
        .iter()
        .map(|piece| text_part(piece))
        .collect()
}

fn words(text: &str, context: &RenderContext) -> Vec<Part> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    text_parts(&prefixed(text, context))
}

/// The words behind the agent's name. A prefix that brings its own separator is left as it is.
fn prefixed(text: &str, context: &RenderContext) -> String {
    let prefix = context.prefix.as_str();
    if prefix.trim().is_empty() {
        text.to_owned()
    } else if prefix.ends_with(char::is_whitespace) {
        format!("{prefix}{text}")
    } else if prefix.ends_with(':') {
        format!("{prefix} {text}")
    } else {
        format!("{prefix}: {text}")
    }
}

fn with_link(text: &str, context: &RenderContext) -> String {
    match &context.file_link {
        Some(link) => format!("{text}\n{link}"),
        None => text.to_owned(),
    }
}

fn quote(parts: &mut [Part], target: Option<&str>) {
    let Some(target) = target.and_then(|id| id.parse::<i64>().ok()) else {
        return;
    };
    if let Some(body) = parts
        .first_mut()
        .filter(|part| part.method.starts_with("send"))
        .and_then(|part| part.body.as_object_mut())
    {
        body.insert(
            "reply_parameters".to_owned(),
            json!({"message_id": target, "allow_sending_without_reply": true}),
        );
    }
}

/// The file with its caption; a caption that is too long follows as text, and a file that
/// Telegram does not take is replaced by its link.
fn media(attachment: &Attachment, caption: Option<&str>, context: &RenderContext) -> Vec<Part> {
    let caption = caption.map(str::trim).filter(|caption| !caption.is_empty());
    let sendable = attachment
        .stored
        .as_ref()
        .and_then(|file| Some((file, method::for_file(attachment.kind, file)?)));
    let Some((file, method)) = sendable else {
        return words(&in_words(attachment, caption, context), context);
    };
    let mut text = caption.map_or_else(String::new, |caption| prefixed(caption, context));
    if text.is_empty() && method.caption {
        // The agent's name alone.
        text = context.prefix.trim().trim_end_matches(':').to_owned();
    }
    let mut pieces = split_text(&text, UNIT, CAPTION_LIMIT);
    let mut body = json!({});
    let mut after = Vec::new();
    if pieces.len() == 1 && method.caption {
        body = json!({"caption": pieces.swap_remove(0)});
    } else {
        after = text_parts(&text);
    }
    let mut parts = vec![Part {
        method: method.name.to_owned(),
        body,
        file: Some(PartFile {
            file: file.clone(),
            kind: attachment.kind,
            field: method.field.to_owned(),
        }),
    }];
    parts.append(&mut after);
    parts
}

fn in_words(attachment: &Attachment, caption: Option<&str>, context: &RenderContext) -> String {
    let name = attachment
        .stored
        .as_ref()
        .map(|file| file.name.as_str())
        .or(attachment.name.as_deref())
        .unwrap_or("archivo");
    let line = match (&context.file_link, &attachment.unavailable) {
        (Some(_), _) => with_link(&format!("📎 {name}"), context),
        (None, Some(why)) => format!("📎 {name} (no disponible: {why})"),
        (None, None) => format!("📎 {name} (no disponible)"),
    };
    caption.map_or_else(|| line.clone(), |caption| format!("{caption}\n\n{line}"))
}

/// One button per row under the last piece of the question. What cannot be a button is listed
/// in the text.
fn options(list: &OptionList, context: &RenderContext) -> Vec<Part> {
    let labels: Vec<&str> = list.items.iter().map(|item| item.label.as_str()).collect();
    let labels = unique_labels(&labels, UNIT, LABEL_LIMIT);
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for (index, (item, label)) in list.items.iter().zip(labels).enumerate() {
        match &item.action {
            OptionAction::Reply { .. } => {
                let data = format!("{}{index}", context.choice_prefix);
                if data.len() <= DATA_LIMIT {
                    rows.push(json!([{"text": label, "callback_data": data}]));
                } else {
                    lines.push(format!("• {}", item.label));
                }
            }
            OptionAction::Link { url } => match url::Url::parse(url) {
                Ok(parsed) if parsed.scheme() == "https" => {
                    rows.push(json!([{"text": label, "url": parsed.as_str()}]));
                }
                _ => lines.push(format!("{}: {url}", item.label)),
            },
        }
    }
    let title = match list.title.trim() {
        "" => "Elige una opción:",
        title => title,
    };
    let mut text = prefixed(title, context);
    for line in lines {
        text.push('\n');
        text.push_str(&line);
    }
    let mut parts = text_parts(&text);
    for (index, rows) in rows.chunks(BUTTON_LIMIT).enumerate() {
        if index > 0 || parts.is_empty() {
            parts.push(text_part("Más opciones:"));
        }
        if let Some(body) = parts.last_mut().and_then(|part| part.body.as_object_mut()) {
            body.insert("reply_markup".to_owned(), json!({"inline_keyboard": rows}));
        }
    }
    parts
}

/// A place with a name is a venue, which always has an address too.
fn location(place: &Location) -> Part {
    let (latitude, longitude) = (place.latitude, place.longitude);
    let Some(name) = place.name.as_deref().or(place.address.as_deref()) else {
        return call(
            "sendLocation",
            json!({"latitude": latitude, "longitude": longitude}),
        );
    };
    let address = place
        .address
        .clone()
        .unwrap_or_else(|| format!("{latitude}, {longitude}"));
    call(
        "sendVenue",
        json!({
            "latitude": latitude, "longitude": longitude,
            "title": shorten(name, UNIT, 256), "address": shorten(&address, UNIT, 256),
        }),
    )
}

/// A card with its first number; what a card of Telegram has no room for follows as text.
fn contact(card: &ContactCard) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let name = shorten(&card.name, UNIT, LABEL_LIMIT);
    match card.phones.first() {
        Some(phone) => {
            let first_name = if name.is_empty() { phone.clone() } else { name };
            let body = json!({"phone_number": phone, "first_name": first_name});
            parts.push(call("sendContact", body));
        }
        None => lines.push(&card.name),
    }
    lines.extend(card.organization.as_deref());
    lines.extend(card.phones.iter().skip(1).map(String::as_str));
    lines.extend(card.emails.iter().map(String::as_str));
    parts.extend(text_parts(&lines.join("\n")));
    parts
}

/// The changed words; what no longer fits into one message follows as new ones.
fn edit(target: &str, text: &str, context: &RenderContext) -> Vec<Part> {
    let mut parts = words(text, context);
    if let (Ok(id), Some(first)) = (target.parse::<i64>(), parts.first_mut()) {
        first.method = "editMessageText".to_owned();
        if let Some(body) = first.body.as_object_mut() {
            body.insert("message_id".to_owned(), json!(id));
        }
    }
    parts
}

fn delete(target: &str) -> Vec<Part> {
    target.parse::<i64>().map_or_else(
        |_| Vec::new(),
        |id| vec![call("deleteMessage", json!({"message_id": id}))],
    )
}
