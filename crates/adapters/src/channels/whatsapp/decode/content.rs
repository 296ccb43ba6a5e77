//! What a message says, by its `type`.

use super::{interactive, media};
use crate::channels::meta::json::Lenient;
use crate::channels::meta::words;
use domain::message::{ContactCard, Content, Location, MediaKind};
use serde_json::Value;

/// The types whose content stands in a field of the same name, for a message without `type`.
const NAMED: [&str; 16] = [
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "button",
    "reaction",
    "order",
    "system",
    "edit",
    "revoke",
    "unsupported",
];

/// The content of a message object; used for messages, echoes and edits alike.
pub(super) fn of(item: &Value, errors: &[Value]) -> Content {
    let kind = item
        .text("type")
        .or_else(|| NAMED.into_iter().find(|name| item.child(name).is_some()))
        .unwrap_or("unknown");
    let read = item.child(kind).and_then(|body| match kind {
        "text" => body.text("body").map(Content::text),
        "image" => media::of(MediaKind::Image, body),
        "video" => media::of(MediaKind::Video, body),
        "audio" if body.flag("voice") => media::of(MediaKind::Voice, body),
        "audio" => media::of(MediaKind::Audio, body),
        "document" => media::of(MediaKind::File, body),
        "sticker" => media::of(MediaKind::Sticker, body),
        "location" => location(body),
        "contacts" => cards(item),
        "interactive" => interactive::of(body, offered_in(item)),
        "button" => interactive::template_button(body, offered_in(item)),
        "reaction" => reaction(body),
        "order" => order(body),
        "system" => system(body, item),
        "edit" => edit(body),
        "revoke" => body
            .id("original_message_id")
            .map(|target| Content::Delete { target }),
        _ => None,
    });
    read.unwrap_or_else(|| Content::Unsupported {
        what: why(kind, item, errors),
    })
}

fn offered_in(item: &Value) -> Option<String> {
    item.child("context")?.id("id")
}

/// The platform's word for what cannot be shown, with its error code if it gave one.
fn why(kind: &str, item: &Value, errors: &[Value]) -> String {
    let inner = item.child("unsupported").and_then(|u| u.text("type"));
    let what = domain::message::shorten(
        &words::one_line(inner.unwrap_or(kind)),
        domain::message::TextUnit::Characters,
        60,
    );
    match errors.iter().find_map(|e| e.id("code")) {
        Some(code) => format!("{what} ({code})"),
        None => what,
    }
}

fn location(body: &Value) -> Option<Content> {
    let latitude = body.decimal("latitude").filter(|d| d.abs() <= 90.0)?;
    let longitude = body.decimal("longitude").filter(|d| d.abs() <= 180.0)?;
    Some(Content::Location(Location {
        latitude,
        longitude,
        name: body.text("name").map(str::to_owned),
        address: body.text("address").map(str::to_owned),
    }))
}

fn cards(item: &Value) -> Option<Content> {
    let cards: Vec<_> = item.items("contacts").iter().map(card).collect();
    (!cards.is_empty()).then_some(Content::Contacts { cards })
}

fn card(entry: &Value) -> ContactCard {
    let each = |list: &str, fields: [&str; 2]| {
        entry
            .items(list)
            .iter()
            .filter_map(|e| fields.iter().find_map(|f| e.id(f)))
            .collect::<Vec<_>>()
    };
    let phones = each("phones", ["phone", "wa_id"]);
    let emails = each("emails", ["email", "address"]);
    let name = entry.child("name").and_then(|name| {
        let whole = name.text("formatted_name").map(str::to_owned);
        whole.or_else(|| {
            let parts = ["first_name", "middle_name", "last_name"];
            let parts: Vec<_> = parts.iter().filter_map(|f| name.text(f)).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        })
    });
    let organization = entry
        .child("org")
        .and_then(|o| o.text("company"))
        .map(str::to_owned);
    ContactCard {
        name: name
            .or_else(|| organization.clone())
            .or_else(|| phones.first().cloned())
            .unwrap_or_else(|| "?".to_owned()),
        phones,
        emails,
        organization,
    }
}

/// An empty or missing emoji takes the reaction back.
fn reaction(body: &Value) -> Option<Content> {
    Some(Content::Reaction {
        target: body.id("message_id")?,
        emoji: body.text("emoji").map(str::to_owned),
    })
}

fn order(body: &Value) -> Option<Content> {
    let mut lines: Vec<String> = body.items("product_items").iter().map(order_line).collect();
    lines.extend(body.text("text").map(str::to_owned));
    (!lines.is_empty()).then(|| Content::Order {
        summary: lines.join("\n"),
    })
}

fn order_line(item: &Value) -> String {
    let quantity = item.id("quantity").unwrap_or_else(|| "1".to_owned());
    let product = item
        .id("product_retailer_id")
        .unwrap_or_else(|| "?".to_owned());
    let price = item.decimal("item_price").map(|price| {
        let currency = item.text("currency").unwrap_or_default();
        format!(" · {price} {currency}")
    });
    format!("{quantity} × {product}{}", price.unwrap_or_default())
        .trim_end()
        .to_owned()
}

/// The product a question is about.
pub(super) fn product(product: &Value) -> Content {
    let parts = ["product_retailer_id", "catalog_id"];
    let parts: Vec<_> = parts.iter().filter_map(|f| product.id(f)).collect();
    Content::Order {
        summary: parts.join(" · "),
    }
}

fn system(body: &Value, item: &Value) -> Option<Content> {
    let code = body
        .text("type")
        .or_else(|| item.child("identity").map(|_| "customer_identity_changed"))
        .unwrap_or("system");
    Some(Content::Notice {
        code: code.to_owned(),
        text: body.text("body").unwrap_or(code).to_owned(),
    })
}

/// The new words, also of a caption.
fn edit(body: &Value) -> Option<Content> {
    let target = body.id("original_message_id")?;
    let message = body.child("message")?;
    let text = message
        .child("text")
        .and_then(|t| t.text("body"))
        .or_else(|| {
            let media = ["image", "video", "document"];
            media
                .iter()
                .find_map(|kind| message.child(kind)?.text("caption"))
        })?;
    Some(Content::Edit {
        target,
        text: text.to_owned(),
    })
}
