//! Whatever comes in, nothing panics; whatever goes out, no limit is exceeded.

use super::support::*;
use domain::channel::{ChannelSettings, InstagramLogin};
use domain::message::*;
use domain::ports::{Channel, RawWebhook, VerifiedWebhook};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON made of the words the platforms use, put together at random.
fn platform_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "entry",
        "changes",
        "value",
        "field",
        "messages",
        "statuses",
        "errors",
        "contacts",
        "metadata",
        "phone_number_id",
        "messaging",
        "standby",
        "sender",
        "recipient",
        "id",
        "message",
        "mid",
        "text",
        "attachments",
        "type",
        "payload",
        "url",
        "body",
        "from",
        "timestamp",
        "interactive",
        "button_reply",
        "reaction",
        "postback",
        "referral",
        "read",
        "delivery",
        "watermark",
        "mids",
        "status",
        "system",
        "edit",
        "message_echoes",
        "is_echo",
        "wa_id",
        "user_id",
        "location",
        "latitude",
        "order",
        "nfm_reply",
        "response_json",
        "sticker_id",
        "story",
        "reply_to",
        "time",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[\\PC\\n]{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "text",
            "image",
            "messages",
            "15550100123",
            "sent",
            "template",
            "sticker",
            "interactive",
            "{\"a\":1}"
        ])
        .prop_map(Value::from),
        Just(json!("https://scontent.xx.fbcdn.net/%ff")),
    ];
    leaf.prop_recursive(8, 128, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
        ]
    })
}

fn decode_everywhere(body: &[u8]) {
    let proven = VerifiedWebhook::proven(RawWebhook {
        headers: vec![],
        body: body.to_vec().into(),
    });
    let settings = ChannelSettings::default();
    for (channel, credentials) in [
        (
            Box::new(whatsapp(GRAPH)) as Box<dyn Channel>,
            whatsapp_credentials(),
        ),
        (Box::new(messenger(GRAPH)), messenger_credentials()),
        (
            Box::new(instagram(GRAPH)),
            instagram_credentials(InstagramLogin::Instagram),
        ),
    ] {
        let once = channel.decode(&credentials, &settings, &proven);
        let again = channel.decode(&credentials, &settings, &proven);
        assert_eq!(once, again);
        for event in &once.events {
            assert!(event.dedupe_key.len() <= 400);
            if let Some(cut) =
                channel.excerpt(&credentials, &proven, std::slice::from_ref(&event.pointer))
            {
                let cut = VerifiedWebhook::proven(cut);
                assert!(
                    !channel
                        .decode(&credentials, &settings, &cut)
                        .events
                        .is_empty()
                );
            } else {
                panic!("a pointer that leads nowhere: {}", event.pointer);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        decode_everywhere(&body);
    }

    #[test]
    fn arbitrary_escapes_never_panic(body in "[\\\\u{}\"dDabcdef0-9:é]{0,60}") {
        decode_everywhere(body.as_bytes());
    }

    #[test]
    fn arbitrary_json_never_panics(message in platform_json(), value in platform_json(), body in platform_json()) {
        decode_everywhere(body.to_string().as_bytes());
        let whatsapp = json!({"entry": [{"id": WABA, "changes": [{"field": "messages", "value": {
            "metadata": {"phone_number_id": LINE}, "messages": [message.clone()], "statuses": [value.clone()], "contacts": [value]}}]}]});
        decode_everywhere(whatsapp.to_string().as_bytes());
        let page = json!({"entry": [{"id": PAGE, "messaging": [{"sender": {"id": "5"}, "recipient": {"id": PAGE}, "message": message.clone()}, message]}]});
        decode_everywhere(page.to_string().as_bytes());
    }

    #[test]
    fn options_never_exceed_a_limit(title in "\\PC{0,300}", labels in prop::collection::vec("\\PC{0,40}", 0..35), links in any::<u64>()) {
        let items: Vec<_> = labels.iter().enumerate().map(|(n, label)| OptionItem {
            label: label.clone(),
            action: if links >> n & 1 == 1 { OptionAction::Link { url: "https://example.org/".into() } } else { OptionAction::Reply { message: "x".into() } },
        }).collect();
        let content = Content::Options(OptionList { title, items });
        for channel in [Box::new(whatsapp(GRAPH)) as Box<dyn Channel>, Box::new(messenger(GRAPH)), Box::new(instagram(GRAPH))] {
            for part in channel.render(&content, &context()) {
                within_limits(&part.body);
            }
        }
    }
}

fn within_limits(body: &Value) {
    let units = |v: &Value| v.as_str().map_or(0, |t| t.encode_utf16().count());
    let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
    let interactive = &body["interactive"];
    assert!(units(&interactive["body"]["text"]) <= 1024);
    let buttons = list(&interactive["action"]["buttons"]);
    assert!(buttons.len() <= 3);
    let rows = list(&interactive["action"]["sections"][0]["rows"]);
    assert!(rows.len() <= 10);
    let template = &body["message"]["attachment"]["payload"];
    assert!(units(&template["text"]) <= 640);
    let elements = list(&template["elements"]);
    assert!(elements.len() <= 10);
    let quick = list(&body["message"]["quick_replies"]);
    assert!(quick.len() <= 13);
    let mut groups = vec![
        (
            20,
            buttons
                .iter()
                .map(|b| b["reply"]["title"].clone())
                .collect::<Vec<_>>(),
        ),
        (24, rows.iter().map(|r| r["title"].clone()).collect()),
        (20, quick.iter().map(|q| q["title"].clone()).collect()),
        (
            20,
            list(&template["buttons"])
                .iter()
                .map(|b| b["title"].clone())
                .collect(),
        ),
    ];
    for element in &elements {
        assert!(units(&element["title"]) <= 80 && units(&element["title"]) > 0);
        assert!(list(&element["buttons"]).len() <= 3);
        groups.push((
            20,
            list(&element["buttons"])
                .iter()
                .map(|b| b["title"].clone())
                .collect(),
        ));
    }
    for (limit, titles) in groups {
        for (at, title) in titles.iter().enumerate() {
            assert!((1..=limit).contains(&units(title)), "{title}");
            assert!(!titles[..at].contains(title), "{title} twice");
        }
    }
}
