//! What we say, as calls of the Bot API.

use crate::telegram::offline;
use domain::ids::FileId;
use domain::message::{
    Attachment, ContactCard, Content, Location, MediaKind, OptionAction, OptionItem, OptionList,
    StoredFile,
};
use domain::ports::{Channel, Part, RenderContext};
use serde_json::json;
use uuid::Uuid;

fn context() -> RenderContext {
    RenderContext {
        choice_prefix: "q:0191:".to_owned(),
        ..RenderContext::default()
    }
}

fn render(content: &Content) -> Vec<Part> {
    offline().render(content, &context())
}

fn methods(parts: &[Part]) -> Vec<&str> {
    parts.iter().map(|part| part.method.as_str()).collect()
}

fn photo(size: u64) -> Attachment {
    Attachment {
        stored: Some(StoredFile {
            id: FileId(Uuid::from_u128(7)),
            mime: "image/jpeg".to_owned(),
            name: "foto.jpg".to_owned(),
            size,
            sha256: String::new(),
        }),
        ..Attachment::of(MediaKind::Image)
    }
}

#[test]
fn words_go_plain_without_preview_and_markup() {
    let context = RenderContext {
        prefix: "Ana".to_owned(),
        reply_to: Some("57".to_owned()),
        ..context()
    };
    let parts = offline().render(&Content::text("<b>hola</b> *x*"), &context);
    assert_eq!(methods(&parts), ["sendMessage"]);
    assert_eq!(
        parts[0].body,
        json!({
            "text": "Ana: <b>hola</b> *x*",
            "link_preview_options": {"is_disabled": true},
            "reply_parameters": {"message_id": 57, "allow_sending_without_reply": true},
        })
    );
}

#[test]
fn a_long_text_is_split_and_quotes_once() {
    let context = RenderContext {
        reply_to: Some("57".to_owned()),
        ..context()
    };
    let parts = offline().render(&Content::text("😀".repeat(5000)), &context);
    let lengths: Vec<usize> = parts
        .iter()
        .map(|p| p.body["text"].as_str().unwrap().encode_utf16().count())
        .collect();
    assert_eq!(lengths, [4096, 4096, 1808]);
    let quotes = parts
        .iter()
        .filter(|p| p.body.get("reply_parameters").is_some());
    assert_eq!(quotes.count(), 1);
}

#[test]
fn nothing_to_say_is_no_call() {
    assert!(render(&Content::text(" \n\u{200b}")).is_empty());
    assert!(render(&Content::Referral(domain::message::Referral::default())).is_empty());
}

#[test]
fn a_caption_that_is_too_long_follows_the_file() {
    let media = |caption: &str| Content::Media {
        attachment: photo(10),
        caption: Some(caption.to_owned()),
    };
    let parts = render(&media("mira"));
    assert_eq!(methods(&parts), ["sendPhoto"]);
    assert_eq!(parts[0].body, json!({"caption": "mira"}));
    assert_eq!(parts[0].file.as_ref().unwrap().field, "photo");
    let parts = render(&media(&"a".repeat(1025)));
    assert_eq!(methods(&parts), ["sendPhoto", "sendMessage"]);
    assert_eq!(parts[0].body, json!({}));
}

#[test]
fn a_file_that_does_not_go_is_a_link() {
    let context = RenderContext {
        file_link: Some("https://relevo.example/f/1".to_owned()),
        ..context()
    };
    let big = Content::Media {
        attachment: photo(60_000_000),
        caption: Some("mira".to_owned()),
    };
    let parts = offline().render(&big, &context);
    assert_eq!(
        parts[0].body["text"],
        "mira\n\n📎 foto.jpg\nhttps://relevo.example/f/1"
    );
    let mut gone = Attachment::of(MediaKind::File);
    gone.name = Some("a.pdf".to_owned());
    gone.unavailable = Some("pesa demasiado".to_owned());
    let parts = render(&Content::Media {
        attachment: gone,
        caption: None,
    });
    assert_eq!(
        parts[0].body["text"],
        "📎 a.pdf (no disponible: pesa demasiado)"
    );
}

fn reply(label: &str) -> OptionItem {
    OptionItem {
        label: label.to_owned(),
        action: OptionAction::Reply {
            message: label.to_owned(),
        },
    }
}

fn link(label: &str, url: &str) -> OptionItem {
    OptionItem {
        label: label.to_owned(),
        action: OptionAction::Link {
            url: url.to_owned(),
        },
    }
}

#[test]
fn options_are_buttons_one_per_row() {
    let list = OptionList {
        title: String::new(),
        items: vec![
            reply("Sí"),
            link("Web", "https://example.org/a b"),
            link("Otra", "http://example.org"),
            link("Mala", "javascript:alert(1)"),
            reply("Sí"),
        ],
    };
    let parts = render(&Content::Options(list));
    assert_eq!(
        parts[0].body["text"],
        "Elige una opción:\nOtra: http://example.org\nMala: javascript:alert(1)"
    );
    assert_eq!(
        parts[0].body["reply_markup"]["inline_keyboard"],
        json!([
            [{"text": "Sí", "callback_data": "q:0191:0"}],
            [{"text": "Web", "url": "https://example.org/a%20b"}],
            [{"text": "Sí 2", "callback_data": "q:0191:4"}],
        ])
    );
}

#[test]
fn more_than_a_hundred_options_take_several_messages() {
    let list = OptionList {
        title: "a".repeat(5000),
        items: (0..230).map(|n| reply(&format!("Opción {n}"))).collect(),
    };
    let parts = render(&Content::Options(list));
    let rows: Vec<usize> = parts
        .iter()
        .map(|p| {
            p.body["reply_markup"]["inline_keyboard"]
                .as_array()
                .map_or(0, Vec::len)
        })
        .collect();
    assert_eq!(rows, [0, 100, 100, 30]);
    for part in &parts {
        let rows = part.body["reply_markup"]["inline_keyboard"].as_array();
        for row in rows.into_iter().flatten() {
            assert!(row[0]["callback_data"].as_str().unwrap().len() <= 64);
        }
    }
}

#[test]
fn a_button_id_that_is_too_long_is_listed_instead() {
    let context = RenderContext {
        choice_prefix: "x".repeat(64),
        ..context()
    };
    let list = OptionList {
        title: "¿Sí?".to_owned(),
        items: vec![reply("Sí")],
    };
    let parts = offline().render(&Content::Options(list), &context);
    assert_eq!(parts[0].body["text"], "¿Sí?\n• Sí");
    assert!(parts[0].body.get("reply_markup").is_none());
}

#[test]
fn places_and_cards_have_calls_of_their_own() {
    let mut place = Location {
        latitude: 1.0,
        longitude: 2.0,
        name: None,
        address: None,
    };
    assert_eq!(
        methods(&render(&Content::Location(place.clone()))),
        ["sendLocation"]
    );
    place.name = Some("Tienda".to_owned());
    let parts = render(&Content::Location(place));
    assert_eq!(methods(&parts), ["sendVenue"]);
    assert_eq!(parts[0].body["address"], "1, 2");
    let card = ContactCard {
        name: "Bo".to_owned(),
        phones: vec!["+1".to_owned(), "+2".to_owned()],
        ..ContactCard::default()
    };
    let nameless = ContactCard {
        name: "Sin teléfono".to_owned(),
        ..ContactCard::default()
    };
    let parts = render(&Content::Contacts {
        cards: vec![card, nameless],
    });
    assert_eq!(
        methods(&parts),
        ["sendContact", "sendMessage", "sendMessage"]
    );
    assert_eq!(parts[1].body["text"], "+2");
}

#[test]
fn changes_and_removals_name_the_message() {
    let edit = Content::Edit {
        target: "57".to_owned(),
        text: "mejor".to_owned(),
    };
    let parts = render(&edit);
    assert_eq!(methods(&parts), ["editMessageText"]);
    assert_eq!(parts[0].body["message_id"], 57);
    let parts = render(&Content::Delete {
        target: "57".to_owned(),
    });
    assert_eq!(parts[0].body, json!({"message_id": 57}));
    let unknown = Content::Edit {
        target: "wamid.X".to_owned(),
        text: "mejor".to_owned(),
    };
    assert_eq!(methods(&render(&unknown)), ["sendMessage"]);
}
