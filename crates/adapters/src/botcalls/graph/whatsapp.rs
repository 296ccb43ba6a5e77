//! WhatsApp messages of the bot.

use super::super::params::{Params, plain};
use super::super::speech::{Speech, Whom, id};
use crate::channels::whatsapp::number;
use domain::contact::ContactAddress;
use domain::message::{
    Attachment, ContactCard, Content, Location, MediaKind, OptionAction, OptionItem, OptionList,
};
use serde_json::Value;

/// What a call to `messages` says.
pub(super) fn speech(params: &Params) -> Speech {
    if let (Some(_), Some(message)) = (params.text("status"), params.text("message_id")) {
        return match id(&message) {
            Some(message) => Speech::Shows(Whom::Message(message)),
            None => Speech::Unreadable("The parameter message_id is not valid."),
        };
    }
    let (Ok(number), Ok(user)) = (params.only("to"), params.only("recipient")) else {
        return Speech::Unreadable("The recipient is given twice.");
    };
    let number = number.and_then(plain).and_then(|to| id(&number_of(&to)));
    let user = user.and_then(plain).and_then(|user| id(&user));
    let to = match (number, user) {
        // The number wins where both are given (`channels.md` §2.3).
        (Some(key), alias) => ContactAddress {
            key,
            alias,
            thread: None,
        },
        (None, Some(user)) => ContactAddress::of(user),
        (None, None) => return Speech::Unreadable("The parameter to is required."),
    };
    Speech::Sends {
        to: Some(to),
        content: content(&params.object()),
    }
}

/// The digits, however they were written (`+1 (555) 010-0123`).
fn number_of(text: &str) -> String {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')' | '.'))
        .collect();
    number::digits(&bare).unwrap_or_else(|| text.trim().to_owned())
}

fn content(object: &Value) -> Content {
    let kind = object["type"]
        .as_str()
        .unwrap_or("text")
        .to_ascii_lowercase();
    let body = &object[kind.as_str()];
    match kind.as_str() {
        "text" => Content::text(text(&body["body"])),
        "image" => media(body, MediaKind::Image),
        "video" => media(body, MediaKind::Video),
        "audio" if body["voice"] == true => media(body, MediaKind::Voice),
        "audio" => media(body, MediaKind::Audio),
        "document" => media(body, MediaKind::File),
        "sticker" => media(body, MediaKind::Sticker),
        "location" => location(body).unwrap_or(Content::Unsupported { what: kind }),
        "contacts" => cards(body),
        "reaction" => Content::Reaction {
            target: text(&body["message_id"]),
            emoji: Some(text(&body["emoji"])).filter(|e| !e.is_empty()),
        },
        "interactive" => interactive(body),
        "template" => Content::text(template(body)),
        _ => Content::Unsupported {
            what: kind.chars().take(64).collect(),
        },
    }
}

fn text(value: &Value) -> String {
    plain(value).unwrap_or_default()
}

fn media(body: &Value, kind: MediaKind) -> Content {
    let mut attachment = Attachment::of(kind);
    attachment.name = body["filename"]
        .as_str()
        .or_else(|| {
            let link = body["link"].as_str()?.split(['?', '#']).next()?;
            link.rsplit('/').next().filter(|name| !name.is_empty())
        })
        .map(|name| {
            name.chars()
                .filter(|c| !c.is_control() && !matches!(c, '/' | '\\'))
                .take(200)
                .collect()
        });
    Content::Media {
        attachment,
        caption: body["caption"].as_str().map(str::to_owned),
    }
}

/// Degrees come as texts or numbers.
fn location(body: &Value) -> Option<Content> {
    let degrees = |name: &str| {
        plain(&body[name])?
            .parse::<f64>()
            .ok()
            .filter(|d| d.is_finite())
    };
    Some(Content::Location(Location {
        latitude: degrees("latitude")?,
        longitude: degrees("longitude")?,
        name: body["name"].as_str().map(str::to_owned),
        address: body["address"].as_str().map(str::to_owned),
    }))
}

fn cards(body: &Value) -> Content {
    let list = |card: &Value, field: &str, inner: &str| -> Vec<String> {
        let items = card[field].as_array().into_iter().flatten();
        items
            .filter_map(|i| i[inner].as_str())
            .map(str::to_owned)
            .collect()
    };
    let cards = body
        .as_array()
        .into_iter()
        .flatten()
        .map(|card| ContactCard {
            name: text(&card["name"]["formatted_name"]),
            phones: list(card, "phones", "phone"),
            emails: list(card, "emails", "email"),
            organization: card["org"]["company"].as_str().map(str::to_owned),
        })
        .collect();
    Content::Contacts { cards }
}

fn interactive(body: &Value) -> Content {
    let action = &body["action"];
    let reply = |label: &str| OptionItem {
        label: label.to_owned(),
        action: OptionAction::Reply {
            message: label.to_owned(),
        },
    };
    let buttons = action["buttons"].as_array().into_iter().flatten();
    let mut items: Vec<OptionItem> = buttons
        .filter_map(|b| b["reply"]["title"].as_str())
        .map(reply)
        .collect();
    for section in action["sections"].as_array().into_iter().flatten() {
        let rows = section["rows"].as_array().into_iter().flatten();
        items.extend(rows.filter_map(|r| r["title"].as_str()).map(reply));
    }
    let link = &action["parameters"];
    if let (Some(label), Some(url)) = (link["display_text"].as_str(), link["url"].as_str()) {
        items.push(OptionItem {
            label: label.to_owned(),
            action: OptionAction::Link {
                url: url.to_owned(),
            },
        });
    }
    let lines = [
        &body["header"]["text"],
        &body["body"]["text"],
        &body["footer"]["text"],
    ];
    let title = lines
        .into_iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    if items.is_empty() {
        return Content::text(title);
    }
    Content::Options(OptionList { title, items })
}

/// The words of a template are Meta's; we know its name and what was filled in.
fn template(body: &Value) -> String {
    let filled: Vec<&str> = body["components"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|c| c["parameters"].as_array().into_iter().flatten())
        .filter_map(|p| p["text"].as_str())
        .collect();
    let name = text(&body["name"]);
    if filled.is_empty() {
        format!("[{name}]")
    } else {
        format!("[{name}] {}", filled.join(" · "))
    }
}
