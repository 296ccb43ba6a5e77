//! What WhatsApp is asked to say.

use super::support::*;
use domain::message::*;
use domain::ports::{Channel, Part, RenderContext};
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

fn parts(content: &Content, context: &RenderContext) -> Vec<Part> {
    whatsapp(GRAPH).render(content, context)
}

fn bodies(content: &Content) -> Vec<Value> {
    parts(content, &context())
        .into_iter()
        .map(|p| p.body)
        .collect()
}

fn options(title: &str, items: Vec<OptionItem>) -> Content {
    Content::Options(OptionList {
        title: title.into(),
        items,
    })
}

fn reply(label: &str) -> OptionItem {
    OptionItem {
        label: label.into(),
        action: OptionAction::Reply {
            message: label.into(),
        },
    }
}

fn link(label: &str, url: &str) -> OptionItem {
    OptionItem {
        label: label.into(),
        action: OptionAction::Link { url: url.into() },
    }
}

#[test]
fn a_text_goes_without_preview_and_control_characters() {
    let sent = bodies(&Content::text("Hola\u{0}\r\nmundo"));
    assert_eq!(
        sent,
        vec![json!({"type": "text", "text": {"body": "Hola\nmundo", "preview_url": false}})]
    );
    assert_eq!(bodies(&Content::text(" \u{0}\n")), Vec::<Value>::new());
}

#[test]
fn a_long_text_is_split_quoted_first_and_named_once() {
    let context = RenderContext {
        prefix: "Ana".into(),
        reply_to: Some("wamid.Q".into()),
        ..context()
    };
    let sent = parts(&Content::text("word ".repeat(2000)), &context);
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0].body["context"], json!({"message_id": "wamid.Q"}));
    assert!(
        sent[0].body["text"]["body"]
            .as_str()
            .unwrap()
            .starts_with("Ana: word")
    );
    assert!(sent[1].body.get("context").is_none());
    assert!(
        sent.iter()
            .all(|p| p.body["text"]["body"].as_str().unwrap().chars().count() <= 4096)
    );
}

#[test]
fn up_to_three_replies_are_buttons_and_more_are_lists() {
    let sent = bodies(&options(
        "¿Sí?",
        vec![
            reply("Yes"),
            reply("Yes"),
            reply("a very long label that is cut"),
        ],
    ));
    let buttons: Vec<_> = sent[0]["interactive"]["action"]["buttons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| {
            (
                b["reply"]["id"].as_str().unwrap(),
                b["reply"]["title"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        buttons,
        [
            ("q:abc:0", "Yes"),
            ("q:abc:1", "Yes 2"),
            ("q:abc:2", "a very long label t…")
        ]
    );
    assert_eq!(sent[0]["interactive"]["body"]["text"], "¿Sí?");

    let eleven: Vec<_> = (0..11)
        .map(|n| reply(&format!("an option with a long name {n}")))
        .collect();
    let sent = bodies(&options("", eleven));
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["interactive"]["type"], "list");
    assert_eq!(sent[0]["interactive"]["body"]["text"], "👇");
    assert_eq!(sent[0]["interactive"]["action"]["button"], "Ver opciones");
    let rows = sent[0]["interactive"]["action"]["sections"][0]["rows"]
        .as_array()
        .unwrap();
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[0]["description"], "an option with a long name 0");
    assert_eq!(
        sent[1]["interactive"]["action"]["sections"][0]["rows"][0]["id"],
        "q:abc:10"
    );
}

#[test]
fn links_are_a_button_alone_and_words_among_replies() {
    let alone = bodies(&options("Look", vec![link("Site", "https://example.org/")]));
    assert_eq!(alone[0]["interactive"]["type"], "cta_url");
    assert_eq!(
        alone[0]["interactive"]["action"]["parameters"],
        json!({"display_text": "Site", "url": "https://example.org/"})
    );
    let mixed = bodies(&options(
        "Look",
        vec![link("Site", "https://example.org/"), reply("No")],
    ));
    assert_eq!(
        mixed[0]["interactive"]["body"]["text"],
        "Look\nSite: https://example.org/"
    );
    assert_eq!(
        mixed[0]["interactive"]["action"]["buttons"][0]["reply"]["id"],
        "q:abc:1"
    );
    let insecure = bodies(&options("Look", vec![link("Site", "http://example.org/")]));
    assert_eq!(
        insecure[0]["text"]["body"],
        "Look\nSite: http://example.org/"
    );
}

#[test]
fn a_question_too_long_for_buttons_goes_ahead_as_text() {
    let sent = bodies(&options(&"why ".repeat(400), vec![reply("A")]));
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["type"], "text");
    assert_eq!(sent[1]["interactive"]["body"]["text"], "👇");
}

#[test]
fn files_go_as_what_the_platform_takes() {
    const MB: u64 = 1 << 20;
    for (kind, mime, size, expected) in [
        (MediaKind::Image, "image/jpeg", MB, "image"),
        (MediaKind::Image, "image/jpeg", 6 * MB, "document"),
        (MediaKind::Image, "image/webp", MB, "document"),
        (MediaKind::Image, "image/heic", MB, "text"),
        (MediaKind::Video, "video/mp4", 16 * MB, "video"),
        (MediaKind::Video, "video/quicktime", MB, "text"),
        (MediaKind::Audio, "audio/mpeg", MB, "audio"),
        (MediaKind::Voice, "audio/ogg", MB, "audio"),
        (MediaKind::Sticker, "image/webp", 50 << 10, "sticker"),
        (MediaKind::Sticker, "image/webp", 200 << 10, "document"),
        (MediaKind::File, "application/pdf", 100 * MB, "document"),
        (MediaKind::File, "application/pdf", 101 * MB, "text"),
        (MediaKind::File, "application/zip", MB, "text"),
    ] {
        let context = RenderContext {
            file_link: Some("https://r.example/f".into()),
            ..context()
        };
        let sent = parts(&media(kind, mime, size, None), &context);
        assert_eq!(sent[0].body["type"], expected, "{kind:?} {mime} {size}");
        assert_eq!(sent[0].file.is_some(), expected != "text");
        if let Some(file) = &sent[0].file {
            assert_eq!(file.field, expected);
        } else {
            assert!(
                sent[0].body["text"]["body"]
                    .as_str()
                    .unwrap()
                    .contains("https://r.example/f")
            );
        }
    }
    let voice = bodies(&media(MediaKind::Voice, "audio/ogg", MB, None));
    assert_eq!(voice[0]["audio"]["voice"], true);
    let unlinked = parts(
        &media(MediaKind::File, "application/zip", MB, None),
        &context(),
    );
    assert_eq!(unlinked[0].body["type"], "document");
}

#[test]
fn captions_stand_under_pictures_and_after_sounds() {
    let picture = bodies(&media(MediaKind::Image, "image/png", 1, Some("see")));
    assert_eq!(
        picture,
        vec![json!({"type": "image", "image": {"caption": "see"}})]
    );
    let sound = bodies(&media(MediaKind::Audio, "audio/mpeg", 1, Some("hear")));
    assert_eq!(sound[1]["text"]["body"], "hear");
    let long = "x".repeat(1025);
    let wordy = bodies(&media(MediaKind::Image, "image/png", 1, Some(&long)));
    assert!(wordy[0]["image"].get("caption").is_none());
    assert_eq!(wordy[1]["text"]["body"], long.as_str());
}

#[test]
fn places_cards_and_reactions_have_their_own_form() {
    let place = Content::Location(Location {
        latitude: 52.52,
        longitude: 13.4,
        name: Some("HQ".into()),
        address: None,
    });
    assert_eq!(
        bodies(&place),
        vec![
            json!({"type": "location", "location": {"latitude": "52.52", "longitude": "13.4", "name": "HQ"}})
        ]
    );
    let cards = Content::Contacts {
        cards: vec![ContactCard {
            name: "Bo".into(),
            phones: vec!["+1555".into()],
            ..ContactCard::default()
        }],
    };
    assert_eq!(
        bodies(&cards)[0]["contacts"],
        json!([{"name": {"formatted_name": "Bo", "first_name": "Bo"}, "phones": [{"phone": "+1555"}]}])
    );
    let reaction = Content::Reaction {
        target: "wamid.IN".into(),
        emoji: None,
    };
    assert_eq!(
        bodies(&reaction),
        vec![json!({"type": "reaction", "reaction": {"message_id": "wamid.IN", "emoji": ""}})]
    );
}

#[test]
fn the_window_is_a_day_and_a_template_reopens_it() {
    let channel = whatsapp(GRAPH);
    let day = Duration::from_secs(24 * 3600);
    assert_eq!(
        channel.window(&context().settings, Some(NOW)),
        Some(NOW.after(day))
    );
    assert_eq!(
        channel.window(&context().settings, None),
        Some(Timestamp(0))
    );
    let mut late = RenderContext {
        last_inbound_at: Some(NOW.before(day + Duration::from_millis(1))),
        ..context()
    };
    assert_eq!(parts(&Content::text("x"), &late)[0].body["type"], "text");
    late.settings.reopen_template = Some(("follow_up".into(), "es".into()));
    let sent = parts(&Content::text("two\nlines"), &late);
    assert_eq!(
        sent[0].body,
        json!({"type": "template", "template": {"name": "follow_up", "language": {"code": "es"}, "components": [{"type": "body", "parameters": [{"type": "text", "text": "two lines"}]}]}})
    );
    late.last_inbound_at = Some(NOW.before(day));
    assert_eq!(parts(&Content::text("x"), &late)[0].body["type"], "text");
}
