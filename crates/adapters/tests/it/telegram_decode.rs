//! Updates as Telegram sends them, and as it never should.

use crate::telegram::{credentials, offline, webhook};
use domain::channel::ChannelSettings;
use domain::contact::ContactAddress;
use domain::message::{ContactCard, Content, Location, MediaKind, MediaSource};
use domain::ports::{Channel, ChannelEvent, Decoded, EchoOrigin, Inbound, VerifiedWebhook};
use domain::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn decode_with(groups: bool, body: &str) -> Decoded {
    let settings = ChannelSettings {
        groups,
        ..ChannelSettings::default()
    };
    let webhook = VerifiedWebhook::proven(webhook(&[], body));
    offline().decode(&credentials(), &settings, &webhook)
}

fn decode(update: &Value) -> Decoded {
    decode_with(false, &update.to_string())
}

fn one(update: &Value) -> Inbound {
    let mut decoded = decode(update);
    assert_eq!(decoded.undecodable, [""; 0]);
    assert_eq!(decoded.events.len(), 1, "{update}");
    decoded.events.remove(0)
}

/// A message of Ana's with these fields.
fn message(fields: Value) -> Value {
    let mut message = json!({
        "message_id": 57,
        "from": {"id": 6_000_000_001_i64, "is_bot": false, "first_name": "Ana", "last_name": "Ruiz",
                 "username": "ana", "language_code": "es"},
        "chat": {"id": 6_000_000_001_i64, "type": "private", "first_name": "Ana"},
        "date": 1_790_000_000,
    });
    for (key, value) in fields.as_object().unwrap() {
        message[key] = value.clone();
    }
    json!({"update_id": 900_001, "message": message})
}

fn content(fields: Value) -> Content {
    match one(&message(fields)).event {
        ChannelEvent::Message { content, .. } => content,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_tells_who_when_and_what() {
    let event = one(&message(
        json!({"text": "Hola", "reply_to_message": {"message_id": 50}}),
    ));
    assert_eq!(event.account, "7000000001");
    assert_eq!(event.contact, Some(ContactAddress::of("6000000001")));
    assert_eq!(event.profile.name.as_deref(), Some("Ana Ruiz"));
    assert_eq!(event.profile.username.as_deref(), Some("ana"));
    assert_eq!(event.profile.language.as_deref(), Some("es"));
    assert_eq!(event.dedupe_key, "u:900001");
    assert_eq!(event.at, Timestamp(1_790_000_000_000));
    assert_eq!(event.pointer, "/message");
    assert_eq!(
        event.event,
        ChannelEvent::Message {
            external_id: Some("57".to_owned()),
            content: Content::text("Hola"),
            reply_to: Some("50".to_owned()),
            tap: None,
            standby: false,
        }
    );
}

#[test]
fn every_file_is_known_by_its_id_and_kind() {
    let table = [
        (
            json!({"photo": [{"file_id": "s", "width": 90, "height": 67}, {"file_id": "L", "width": 1280, "height": 960, "file_size": 9}], "caption": "mira"}),
            MediaKind::Image,
            "L",
            Some("image/jpeg"),
            None,
            Some("mira"),
        ),
        (
            json!({"live_photo": {}, "photo": [{"file_id": "p", "width": 1, "height": 1}]}),
            MediaKind::Image,
            "p",
            Some("image/jpeg"),
            None,
            None,
        ),
        (
            json!({"animation": {"file_id": "g", "mime_type": "video/mp4"}, "document": {"file_id": "x"}}),
            MediaKind::Video,
            "g",
            Some("video/mp4"),
            None,
            None,
        ),
        (
            json!({"video": {"file_id": "v", "mime_type": "video/mp4", "file_name": "a.mp4"}}),
            MediaKind::Video,
            "v",
            Some("video/mp4"),
            Some("a.mp4"),
            None,
        ),
        (
            json!({"video_note": {"file_id": "n", "length": 240}}),
            MediaKind::Video,
            "n",
            Some("video/mp4"),
            None,
            None,
        ),
        (
            json!({"voice": {"file_id": "o", "mime_type": "audio/ogg; codecs=opus"}}),
            MediaKind::Voice,
            "o",
            Some("audio/ogg"),
            None,
            None,
        ),
        (
            json!({"audio": {"file_id": "a", "duration": 9}}),
            MediaKind::Audio,
            "a",
            Some("audio/mpeg"),
            None,
            None,
        ),
        (
            json!({"document": {"file_id": "d", "file_name": "../x/a.pdf", "mime_type": "application/pdf"}}),
            MediaKind::File,
            "d",
            Some("application/pdf"),
            Some("a.pdf"),
            None,
        ),
        (
            json!({"document": {"file_id": "i", "mime_type": "image/png"}}),
            MediaKind::Image,
            "i",
            Some("image/png"),
            None,
            None,
        ),
        (
            json!({"document": {"file_id": "svg", "mime_type": "image/svg+xml"}}),
            MediaKind::File,
            "svg",
            Some("image/svg+xml"),
            None,
            None,
        ),
        (
            json!({"sticker": {"file_id": "k", "emoji": "😀"}}),
            MediaKind::Sticker,
            "k",
            Some("image/webp"),
            None,
            Some("😀"),
        ),
        (
            json!({"sticker": {"file_id": "k", "is_animated": true}}),
            MediaKind::Sticker,
            "k",
            Some("application/x-tgsticker"),
            None,
            None,
        ),
        (
            json!({"sticker": {"file_id": "k", "is_video": true}}),
            MediaKind::Sticker,
            "k",
            Some("video/webm"),
            None,
            None,
        ),
    ];
    for (fields, kind, id, mime, name, words) in table {
        let Content::Media {
            attachment,
            caption,
        } = content(fields.clone())
        else {
            panic!("{fields}");
        };
        let source = MediaSource::Id {
            id: id.to_owned(),
            sha256: None,
        };
        assert_eq!(attachment.kind, kind, "{fields}");
        assert_eq!(attachment.source, Some(source));
        assert_eq!(attachment.mime.as_deref(), mime);
        assert_eq!(attachment.name.as_deref(), name);
        assert_eq!(caption.as_deref(), words);
    }
}

#[test]
fn places_cards_and_the_rest_keep_their_meaning() {
    let place = |name: Option<&str>, address: Option<&str>| {
        Content::Location(Location {
            latitude: 1.5,
            longitude: -2.0,
            name: name.map(str::to_owned),
            address: address.map(str::to_owned),
        })
    };
    let point = json!({"latitude": 1.5, "longitude": -2});
    assert_eq!(content(json!({"location": point})), place(None, None));
    let venue = json!({"location": point, "title": "Tienda", "address": "Calle 1"});
    assert_eq!(
        content(json!({"location": point, "venue": venue})),
        place(Some("Tienda"), Some("Calle 1"))
    );
    let vcard = "BEGIN:VCARD\nORG:Acme;\nEMAIL;TYPE=WORK:bo@example.org\nEND:VCARD";
    assert_eq!(
        content(
            json!({"contact": {"phone_number": "+1555", "first_name": "Bo", "last_name": "Li", "vcard": vcard}})
        ),
        Content::Contacts {
            cards: vec![ContactCard {
                name: "Bo Li".to_owned(),
                phones: vec!["+1555".to_owned()],
                emails: vec!["bo@example.org".to_owned()],
                organization: Some("Acme".to_owned()),
            }]
        }
    );
    assert_eq!(
        content(json!({"dice": {"emoji": "🎯", "value": 3}})),
        Content::text("🎯 3")
    );
    assert_eq!(
        content(json!({"successful_payment": {"currency": "EUR", "total_amount": 1205}})),
        Content::Order {
            summary: "Pago recibido: 12,05 EUR".to_owned()
        }
    );
    assert!(matches!(
        content(json!({"pinned_message": {}})),
        Content::Notice { .. }
    ));
    for what in ["poll", "story", "paid_media", "checklist", "something_new"] {
        let expected = Content::Unsupported {
            what: what.to_owned(),
        };
        assert_eq!(
            content(json!({what: {}, "caption": "x", "effect_id": "1"})),
            expected
        );
    }
}

#[test]
fn a_shared_own_number_becomes_the_contact_s_phone() {
    let own = json!({"contact": {"phone_number": "57 300 1", "first_name": "Ana", "user_id": 6_000_000_001_i64}});
    assert_eq!(one(&message(own)).profile.phone.as_deref(), Some("+573001"));
    let other = json!({"contact": {"phone_number": "57300", "first_name": "Bo", "user_id": 1}});
    assert_eq!(one(&message(other)).profile.phone, None);
}

#[test]
fn a_deep_link_is_a_referral_and_a_text() {
    let decoded = decode(&message(json!({"text": "/start promo-7"})));
    let kinds: Vec<(String, Content)> = decoded
        .events
        .into_iter()
        .map(|event| match event.event {
            ChannelEvent::Message { content, .. } => (event.dedupe_key, content),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds[0].0, "u:900001:start");
    assert!(
        matches!(&kinds[0].1, Content::Referral(r) if r.parameter.as_deref() == Some("promo-7"))
    );
    assert_eq!(
        kinds[1],
        ("u:900001".to_owned(), Content::text("/start promo-7"))
    );
    for plain in ["/start", "/start ", "/started x", "hola /start x"] {
        assert_eq!(
            decode(&message(json!({"text": plain}))).events.len(),
            1,
            "{plain}"
        );
    }
}

#[test]
fn an_edit_names_its_target() {
    let mut update = message(json!({"text": "Hola!", "edit_date": 1_790_000_050}));
    let edited = update["message"].take();
    let event = one(&json!({"update_id": 1, "edited_message": edited}));
    assert_eq!(event.at, Timestamp(1_790_000_050_000));
    let expected = Content::Edit {
        target: "57".to_owned(),
        text: "Hola!".to_owned(),
    };
    assert!(
        matches!(event.event, ChannelEvent::Message { content, external_id: None, .. } if content == expected)
    );
}

fn tap(message: Value) -> Inbound {
    one(&json!({"update_id": 3, "callback_query": {
        "id": "4382", "data": "q:7:1",
        "from": {"id": 6_000_000_001_i64, "first_name": "Ana"},
        "message": message,
    }}))
}

#[test]
fn a_tap_says_the_button_s_words_where_they_are_known() {
    let chat = json!({"id": 6_000_000_001_i64, "type": "private"});
    let keyboard = json!([[{"text": "Sí", "callback_data": "q:7:0"}], [{"text": "No", "callback_data": "q:7:1"}]]);
    let event = tap(
        json!({"message_id": 60, "date": 1, "chat": chat, "reply_markup": {"inline_keyboard": keyboard}}),
    );
    assert_eq!(event.contact, Some(ContactAddress::of("6000000001")));
    assert_eq!(event.profile.name.as_deref(), Some("Ana"));
    let choice = |label: &str, offered_in: Option<&str>| ChannelEvent::Message {
        external_id: None,
        content: Content::Choice {
            label: label.to_owned(),
            payload: Some("q:7:1".to_owned()),
            offered_in: offered_in.map(str::to_owned),
        },
        reply_to: None,
        tap: Some("4382".to_owned()),
        standby: false,
    };
    assert_eq!(event.event, choice("No", Some("60")));
    let inaccessible = tap(json!({"message_id": 60, "date": 0, "chat": chat}));
    assert_eq!(inaccessible.event, choice("q:7:1", Some("60")));
    let inline_mode = tap(Value::Null);
    assert_eq!(inline_mode.event, choice("q:7:1", None));
    assert_eq!(inline_mode.contact, Some(ContactAddress::of("6000000001")));
}

#[test]
fn a_reaction_is_what_was_added_or_nothing() {
    let react = |old: Value, new: Value| {
        let event = one(&json!({"update_id": 5, "message_reaction": {
            "chat": {"id": 6, "type": "private"}, "message_id": 60, "user": {"id": 6, "first_name": "Ana"},
            "date": 1, "old_reaction": old, "new_reaction": new}}));
        match event.event {
            ChannelEvent::Message {
                content: Content::Reaction { target, emoji },
                ..
            } => {
                assert_eq!(target, "60");
                emoji
            }
            other => panic!("{other:?}"),
        }
    };
    let emoji = |e: &str| json!({"type": "emoji", "emoji": e});
    assert_eq!(
        react(json!([]), json!([emoji("👍")])).as_deref(),
        Some("👍")
    );
    assert_eq!(
        react(json!([emoji("👍")]), json!([emoji("👍"), emoji("❤")])).as_deref(),
        Some("❤")
    );
    assert_eq!(react(json!([emoji("👍")]), json!([])), None);
    assert!(
        react(
            json!([]),
            json!([{"type": "custom_emoji", "custom_emoji_id": "1"}])
        )
        .is_some()
    );
}

#[test]
fn blocking_and_unblocking_are_told() {
    let status = |status: &str| {
        one(&json!({"update_id": 4, "my_chat_member": {
            "chat": {"id": 6, "type": "private"}, "from": {"id": 6, "first_name": "Ana"}, "date": 1,
            "old_chat_member": {"status": "member"}, "new_chat_member": {"status": status}}}))
        .event
    };
    assert_eq!(status("kicked"), ChannelEvent::ContactLeft);
    assert_eq!(status("member"), ChannelEvent::ContactReturned);
}

#[test]
fn a_business_message_is_answered_over_its_connection() {
    let business = |from: i64| {
        one(&json!({"update_id": 6, "business_message": {
            "business_connection_id": "bc1", "message_id": 9, "chat": {"id": 6, "type": "private", "first_name": "Ana"},
            "from": {"id": from, "first_name": "X"}, "date": 1, "text": "hola"}}))
    };
    let theirs = business(6);
    assert_eq!(
        theirs.contact.unwrap().thread.as_deref(),
        Some("business:bc1")
    );
    assert!(matches!(theirs.event, ChannelEvent::Message { .. }));
    let owners = business(7);
    assert!(matches!(
        owners.event,
        ChannelEvent::Echo {
            origin: EchoOrigin::Foreign,
            ..
        }
    ));
    assert_eq!(owners.profile.name, None);
}

/// For the bot alone: no contact, no message.
fn is_passed_on(decoded: &Decoded, kind: &str) -> bool {
    decoded.undecodable.is_empty()
        && matches!(decoded.events.as_slice(), [Inbound { contact: None, event: ChannelEvent::Account { detail, .. }, .. }] if detail == kind)
}

fn group(fields: Value) -> String {
    let mut update = message(fields);
    let chat = json!({"id": -100_123, "type": "supergroup", "title": "Ventas"});
    update["message"]["chat"] = chat;
    update.to_string()
}

#[test]
fn groups_are_taken_only_when_the_tenant_says_so() {
    let text = group(
        json!({"text": "hola", "message_thread_id": 5, "is_topic_message": true, "reply_to_message": {"message_id": 5}}),
    );
    assert!(is_passed_on(&decode_with(false, &text), "message"));
    let decoded = decode_with(true, &text);
    let event = &decoded.events[0];
    let address = event.contact.as_ref().unwrap();
    assert_eq!(
        (address.key.as_str(), address.thread.as_deref()),
        ("-100123", Some("5"))
    );
    assert_eq!(event.profile.name.as_deref(), Some("Ana Ruiz (Ventas)"));
    assert!(matches!(
        event.event,
        ChannelEvent::Message { reply_to: None, .. }
    ));

    let service = group(json!({"new_chat_members": []}));
    assert!(is_passed_on(&decode_with(true, &service), "message"));
    let bot = group(json!({"text": "x", "from": {"id": 1, "is_bot": true, "first_name": "B"}}));
    assert!(is_passed_on(&decode_with(true, &bot), "message"));
    let moved = decode_with(true, &group(json!({"migrate_to_chat_id": -100_999})));
    let to = ContactAddress::of("-100999");
    assert_eq!(moved.events[0].event, ChannelEvent::Moved { to });
    let post = json!({"update_id": 1, "channel_post": {"message_id": 1, "chat": {"id": -1, "type": "channel"}}});
    assert!(is_passed_on(&decode(&post), "channel_post"));
    let query = json!({"update_id": 1, "inline_query": {}});
    assert!(is_passed_on(&decode(&query), "inline_query"));
}

#[test]
fn what_cannot_be_read_is_named() {
    let table = [
        ("", "not JSON"),
        ("[]", "update_id missing"),
        ("{\"message\":{}}", "update_id missing"),
        ("{\"update_id\":1}", "empty update"),
        ("{\"update_id\":1,\"message\":{}}", "message"),
        ("{\"update_id\":1,\"message\":7}", "message"),
        (
            "{\"update_id\":1,\"callback_query\":{\"id\":\"1\"}}",
            "callback_query",
        ),
    ];
    for (body, expected) in table {
        let decoded = decode_with(false, body);
        assert!(decoded.events.is_empty());
        assert_eq!(decoded.undecodable, [expected], "{body}");
    }
    let deep = format!(
        "{{\"update_id\":1,\"message\":{}{}}}",
        "[".repeat(9000),
        "]".repeat(9000)
    );
    assert_eq!(decode_with(false, &deep).undecodable, ["not JSON"]);
}

#[test]
fn an_odd_field_does_not_cost_the_message() {
    let update = json!({"update_id": "900001", "message": {
        "message_id": "57", "chat": {"id": "6", "type": "private"}, "date": "1790000000",
        "from": 7, "text": "hola", "reply_to_message": "x", "photo": {}, "entities": 3}});
    let event = one(&update);
    assert_eq!(event.at, Timestamp(1_790_000_000_000));
    assert!(matches!(
        event.event,
        ChannelEvent::Message {
            content: Content::Text { .. },
            ..
        }
    ));
}

#[test]
fn a_made_up_update_reads_like_a_real_one() {
    let telegram = offline();
    let identity = Uuid::from_u128(u128::MAX - 5);
    let make = |to: &ContactAddress| {
        telegram.synthesize(
            &credentials(),
            to,
            "/start otra",
            identity,
            Timestamp(1_790_000_000_999),
        )
    };
    let to = ContactAddress::of("6000000001");
    let mut raw = make(&to);
    assert_eq!(raw.body, make(&to).body, "a retry is the same update");
    raw.headers.extend(telegram.secret_headers(&credentials()));
    assert!(raw.kept_headers().all(|(name, _)| name == "content-type"));
    let verified = telegram.verify(&credentials(), raw).unwrap();
    let update: Value = serde_json::from_slice(&verified.raw().body).unwrap();
    let id = update["update_id"].as_i64().unwrap();
    assert!((2_000_000_000..=i64::from(i32::MAX)).contains(&id), "{id}");
    assert_eq!(
        update["message"]["entities"][0],
        json!({"type": "bot_command", "offset": 0, "length": 6})
    );
    let decoded = telegram.decode(&credentials(), &ChannelSettings::default(), &verified);
    assert_eq!(decoded.events.len(), 2);
    assert_eq!(decoded.events[1].contact, Some(to));
    assert_eq!(decoded.events[1].at, Timestamp(1_790_000_000_000));
    let again = telegram
        .excerpt(&credentials(), &verified, &["/message".to_owned()])
        .unwrap();
    assert_eq!(again.body, verified.raw().body);
}

/// JSON made of the names and values that the decoder looks for.
fn odd_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}|private|supergroup|kicked|/start x".prop_map(Value::from),
    ];
    let keys = "message|chat|id|type|from|date|text|photo|document|sticker|contact|vcard|data|location|venue|latitude|longitude|file_id|message_id|callback_query|update_id|new_chat_member|status|my_chat_member|new_reaction|message_reaction|emoji|reply_markup|inline_keyboard|callback_data|edited_message|invoice|total_amount|successful_payment";
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_break_the_decoder(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let raw = domain::ports::RawWebhook { headers: Vec::new(), body: body.into() };
        let webhook = VerifiedWebhook::proven(raw);
        offline().decode(&credentials(), &ChannelSettings::default(), &webhook);
    }

    #[test]
    fn no_json_breaks_the_decoder_and_nothing_is_silently_dropped(mut update in odd_json(), kind in "message|callback_query|edited_message|my_chat_member|message_reaction|deleted_business_messages") {
        decode(&update);
        if update.is_object() {
            update["chat"] = json!({"id": 1, "type": "private"});
        }
        let decoded = decode(&json!({"update_id": 1, kind.as_str(): update.clone()}));
        let keys: std::collections::HashSet<&str> = decoded.events.iter().map(|e| e.dedupe_key.as_str()).collect();
        prop_assert_eq!(keys.len(), decoded.events.len());
        if kind == "message" {
            prop_assert!(!decoded.events.is_empty() || !decoded.undecodable.is_empty());
        }
    }
}
