//! Reading WhatsApp's webhooks: every sample and pitfall of the protocol sheet.

use super::support::*;
use domain::contact::ContactAddress;
use domain::message::*;
use domain::ports::ChannelEvent;
use domain::time::Timestamp;
use serde_json::{Value, json};

pub(super) fn value(value: Value) -> Value {
    change("messages", value)
}

pub(super) fn change(field: &str, mut value: Value) -> Value {
    if value.get("metadata").is_none() {
        value["metadata"] = json!({"display_phone_number": "15550100999", "phone_number_id": LINE});
    }
    json!({"object": "whatsapp_business_account",
        "entry": [{"id": WABA, "changes": [{"field": field, "value": value}]}]})
}

pub(super) fn ana() -> Value {
    json!([{"profile": {"name": "Ana Ruiz", "username": "ana.r"}, "wa_id": "15550100123"}])
}

/// One message of Ana's.
pub(super) fn message(mut item: Value) -> Value {
    for (field, default) in [
        ("from", "15550100123"),
        ("id", "wamid.IN"),
        ("timestamp", "1790000000"),
    ] {
        if item.get(field).is_none() {
            item[field] = json!(default);
        }
    }
    value(json!({"contacts": ana(), "messages": [item]}))
}

fn content(item: Value) -> Content {
    let decoded = decode_whatsapp(&message(item));
    said(&decoded).pop().unwrap()
}

fn file(kind: MediaKind, id: &str, mime: &str) -> Attachment {
    Attachment {
        source: Some(MediaSource::Id {
            id: id.into(),
            sha256: Some("b64=".into()),
        }),
        mime: Some(mime.into()),
        ..Attachment::of(kind)
    }
}

#[test]
fn every_kind_of_message_is_read() {
    let context = json!({"from": "15550100999", "id": "wamid.OUR"});
    let choice = |label: &str, payload: &str, offered: Option<&str>| Content::Choice {
        label: label.into(),
        payload: Some(payload.into()),
        offered_in: offered.map(str::to_owned),
    };
    let media = |attachment: Attachment, caption: Option<&str>| Content::Media {
        attachment,
        caption: caption.map(str::to_owned),
    };
    let table: Vec<(Value, Content)> = vec![
        (
            json!({"type": "text", "text": {"body": "Hi"}}),
            Content::text("Hi"),
        ),
        (
            json!({"type": "image", "image": {"id": "1111", "mime_type": "image/jpeg", "sha256": "b64=", "caption": "c", "url": "https://lookaside.fbsbx.com/x"}}),
            media(file(MediaKind::Image, "1111", "image/jpeg"), Some("c")),
        ),
        (
            json!({"type": "video", "video": {"id": 1112, "mime_type": "video/mp4", "sha256": "b64="}}),
            media(file(MediaKind::Video, "1112", "video/mp4"), None),
        ),
        (
            json!({"type": "audio", "audio": {"id": "1113", "mime_type": "audio/ogg; codecs=opus", "sha256": "b64=", "voice": true}}),
            media(file(MediaKind::Voice, "1113", "audio/ogg"), None),
        ),
        (
            json!({"type": "audio", "audio": {"id": "1113", "mime_type": "audio/mpeg", "sha256": "b64="}}),
            media(file(MediaKind::Audio, "1113", "audio/mpeg"), None),
        ),
        (
            json!({"type": "document", "document": {"id": "1114", "mime_type": "application/pdf", "sha256": "b64=", "filename": "../a/offer.pdf", "caption": "see"}}),
            media(
                Attachment {
                    name: Some("offer.pdf".into()),
                    ..file(MediaKind::File, "1114", "application/pdf")
                },
                Some("see"),
            ),
        ),
        (
            json!({"type": "sticker", "sticker": {"id": "1115", "mime_type": "image/webp", "sha256": "b64=", "animated": false}}),
            media(file(MediaKind::Sticker, "1115", "image/webp"), None),
        ),
        (
            json!({"type": "location", "location": {"latitude": 52.52, "longitude": "13.4", "name": "HQ"}}),
            Content::Location(Location {
                latitude: 52.52,
                longitude: 13.4,
                name: Some("HQ".into()),
                address: None,
            }),
        ),
        (
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Bo Li", "first_name": "Bo"}, "org": {"company": "X"}, "phones": [{"phone": "+1 555 0100", "wa_id": "15550100", "type": "CELL"}], "emails": [{"email": "b@example.org"}]}, {"phones": [{"wa_id": "1555"}]}]}),
            Content::Contacts {
                cards: vec![
                    ContactCard {
                        name: "Bo Li".into(),
                        phones: vec!["+1 555 0100".into()],
                        emails: vec!["b@example.org".into()],
                        organization: Some("X".into()),
                    },
                    ContactCard {
                        name: "1555".into(),
                        phones: vec!["1555".into()],
                        ..ContactCard::default()
                    },
                ],
            },
        ),
        (
            json!({"type": "interactive", "context": context, "interactive": {"type": "button_reply", "button_reply": {"id": "our-id", "title": "Yes"}}}),
            choice("Yes", "our-id", Some("wamid.OUR")),
        ),
        (
            json!({"type": "interactive", "context": context, "interactive": {"type": "list_reply", "list_reply": {"id": "row-id", "title": "Row", "description": "d"}}}),
            choice("Row", "row-id", Some("wamid.OUR")),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"flow_token\":\"t\",\"size\":\"L\",\"n\":2}"}}}),
            Content::text("Sent\nn: 2\nsize: L"),
        ),
        (
            json!({"type": "button", "context": {"id": "wamid.TEMPLATE"}, "button": {"payload": "p", "text": "Label"}}),
            choice("Label", "p", Some("wamid.TEMPLATE")),
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.TARGET", "emoji": "👍"}}),
            Content::Reaction {
                target: "wamid.TARGET".into(),
                emoji: Some("👍".into()),
            },
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.TARGET", "emoji": ""}}),
            Content::Reaction {
                target: "wamid.TARGET".into(),
                emoji: None,
            },
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "wamid.TARGET"}}),
            Content::Reaction {
                target: "wamid.TARGET".into(),
                emoji: None,
            },
        ),
        (
            json!({"type": "order", "order": {"catalog_id": "9", "text": "quick please", "product_items": [{"product_retailer_id": "sku1", "quantity": 2, "item_price": 30, "currency": "USD"}]}}),
            Content::Order {
                summary: "2 × sku1 · 30 USD\nquick please".into(),
            },
        ),
        (
            json!({"type": "system", "system": {"type": "customer_identity_changed", "body": "changed"}, "identity": {"hash": "h"}}),
            Content::Notice {
                code: "customer_identity_changed".into(),
                text: "changed".into(),
            },
        ),
        (
            json!({"type": "edit", "edit": {"original_message_id": "wamid.ORIG", "message": {"type": "text", "text": {"body": "new"}, "context": {"id": "M0"}}}}),
            Content::Edit {
                target: "wamid.ORIG".into(),
                text: "new".into(),
            },
        ),
        (
            json!({"type": "revoke", "revoke": {"original_message_id": "wamid.ORIG"}}),
            Content::Delete {
                target: "wamid.ORIG".into(),
            },
        ),
        (
            json!({"type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}], "unsupported": {"type": "poll_creation"}}),
            Content::Unsupported {
                what: "poll_creation (131051)".into(),
            },
        ),
        (
            json!({"type": "unsupported", "unsupported": {"type": "edit"}}),
            Content::Unsupported {
                what: "edit".into(),
            },
        ),
        (
            json!({"type": "hologram", "hologram": {}}),
            Content::Unsupported {
                what: "hologram".into(),
            },
        ),
        (
            json!({"type": "text"}),
            Content::Unsupported {
                what: "text".into(),
            },
        ),
        (
            json!({"type": "image", "image": {}}),
            Content::Unsupported {
                what: "image".into(),
            },
        ),
        (
            json!({"text": {"body": "no type"}}),
            Content::text("no type"),
        ),
        (
            json!({}),
            Content::Unsupported {
                what: "unknown".into(),
            },
        ),
    ];
    for (item, expected) in table {
        assert_eq!(content(item.clone()), expected, "{item}");
    }
}

#[test]
fn a_message_carries_who_when_where_and_its_key() {
    let event = only(decode_whatsapp(&message(
        json!({"type": "text", "text": {"body": "Hi"}, "context": {"id": "wamid.Q"}}),
    )));
    assert_eq!(event.account, LINE);
    assert_eq!(event.contact, Some(ContactAddress::of("15550100123")));
    assert_eq!(event.profile.name.as_deref(), Some("Ana Ruiz"));
    assert_eq!(event.profile.username.as_deref(), Some("ana.r"));
    assert_eq!(event.profile.phone.as_deref(), Some("+15550100123"));
    assert_eq!(event.dedupe_key, "m:wamid.IN");
    assert_eq!(event.at, Timestamp(1_790_000_000_000));
    assert_eq!(event.pointer, "/entry/0/changes/0/value/messages/0");
    let ChannelEvent::Message {
        external_id,
        reply_to,
        standby,
        ..
    } = event.event
    else {
        panic!()
    };
    assert_eq!(external_id.as_deref(), Some("wamid.IN"));
    assert_eq!(reply_to.as_deref(), Some("wamid.Q"));
    assert!(!standby);
}

#[test]
fn a_forwarded_message_quotes_nothing() {
    let event = only(decode_whatsapp(&message(
        json!({"type": "text", "text": {"body": "x"}, "context": {"forwarded": true}}),
    )));
    assert!(matches!(
        event.event,
        ChannelEvent::Message { reply_to: None, .. }
    ));
}

#[test]
fn a_changed_number_moves_the_contact() {
    let decoded = decode_whatsapp(&message(
        json!({"type": "system", "system": {"type": "user_changed_number", "body": "moved", "wa_id": "15550100777", "user_id": "US.9"}}),
    ));
    assert_eq!(decoded.events.len(), 2);
    assert!(
        matches!(&decoded.events[0].event, ChannelEvent::Message { content: Content::Notice { code, .. }, .. } if code == "user_changed_number")
    );
    let to = ContactAddress {
        key: "US.9".into(),
        alias: Some("15550100777".into()),
        thread: None,
    };
    assert_eq!(decoded.events[1].event, ChannelEvent::Moved { to });
    assert_eq!(
        decoded.events[1].contact,
        Some(ContactAddress::of("15550100123"))
    );
}
