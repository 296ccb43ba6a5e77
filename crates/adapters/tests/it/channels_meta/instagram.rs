//! Reading Instagram's webhooks where they differ from Messenger's.

use super::support::*;
use domain::message::*;
use domain::ports::{ChannelEvent, EchoOrigin};
use serde_json::{Value, json};

const IGSID: &str = "600000000000001";
const CDN: &str = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1";

fn body(mut value: Value) -> Value {
    for (field, default) in [
        ("sender", json!({"id": IGSID})),
        ("recipient", json!({"id": ACCOUNT})),
        ("timestamp", json!(1_790_000_000_123_i64)),
    ] {
        if value.get(field).is_none() {
            value[field] = default;
        }
    }
    json!({"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1_790_000_000_500_i64, "messaging": [value]}]})
}

fn contents(value: Value) -> Vec<Content> {
    said(&decode_instagram(&body(value)))
}

fn media(kind: MediaKind) -> Content {
    Content::Media {
        attachment: Attachment {
            source: Some(MediaSource::Url { url: CDN.into() }),
            ..Attachment::of(kind)
        },
        caption: None,
    }
}

fn from(source: &str, parameter: Option<&str>) -> Content {
    Content::Referral(Referral {
        source: Some(source.into()),
        parameter: parameter.map(str::to_owned),
        ..Referral::default()
    })
}

#[test]
fn stories_say_what_happened_and_bring_the_picture() {
    assert_eq!(
        contents(
            json!({"message": {"mid": "a", "attachments": [{"type": "story_mention", "payload": {"url": CDN}}]}})
        ),
        vec![from("story_mention", None), media(MediaKind::Image)]
    );
    assert_eq!(
        contents(
            json!({"message": {"mid": "a", "text": "wow", "reply_to": {"story": {"url": CDN, "id": "18"}}}})
        ),
        vec![
            from("story_reply", Some("18")),
            media(MediaKind::Image),
            Content::text("wow")
        ]
    );
}

#[test]
fn shares_and_hidden_media_are_read() {
    let one =
        |attachment: Value| contents(json!({"message": {"mid": "a", "attachments": [attachment]}}));
    for kind in ["share", "ig_post", "media", "ig_story"] {
        assert_eq!(
            one(json!({"type": kind, "payload": {"url": CDN}})),
            vec![media(MediaKind::File)],
            "{kind}"
        );
    }
    assert_eq!(
        one(json!({"type": "ig_reel", "payload": {"url": CDN}})),
        vec![media(MediaKind::Video)]
    );
    assert_eq!(
        one(json!({"type": "share", "payload": {"url": "https://www.instagram.com/p/x"}})),
        vec![Content::text("https://www.instagram.com/p/x")]
    );
    assert_eq!(
        one(json!({"type": "ephemeral"})),
        vec![Content::Unsupported {
            what: "ephemeral".into()
        }]
    );
    assert_eq!(
        contents(json!({"message": {"mid": "a", "is_unsupported": true}})),
        vec![Content::Unsupported {
            what: "unsupported".into()
        }]
    );
    assert_eq!(
        contents(
            json!({"message": {"mid": "a", "text": "?", "referral": {"product": {"id": "99"}}}})
        )[1],
        Content::Order {
            summary: "99".into()
        }
    );
}

#[test]
fn an_unsent_message_is_a_deletion() {
    let event = only(decode_instagram(&body(
        json!({"message": {"mid": "aWd_1", "is_deleted": true}}),
    )));
    assert_eq!(event.dedupe_key, "m:aWd_1#deleted");
    assert!(
        matches!(event.event, ChannelEvent::Message { content: Content::Delete { target }, .. } if target == "aWd_1")
    );
}

#[test]
fn a_read_mark_names_a_message() {
    let event = only(decode_instagram(&body(json!({"read": {"mid": "aWd_1"}}))));
    let ChannelEvent::Delivery(update) = event.event else {
        panic!()
    };
    assert_eq!(
        update.which,
        DeliveryTarget::External {
            id: "aWd_1".into(),
            identity: None
        }
    );
    assert_eq!(update.status, DeliveryStatus::Read);
}

#[test]
fn an_echo_without_app_is_foreign_and_a_message_to_oneself_is_nobodys() {
    let event = only(decode_instagram(&body(
        json!({"sender": {"id": ACCOUNT}, "recipient": {"id": IGSID}, "message": {"mid": "a", "is_echo": true, "text": "x"}}),
    )));
    assert_eq!(event.contact.unwrap().key, IGSID);
    assert!(matches!(
        event.event,
        ChannelEvent::Echo {
            origin: EchoOrigin::Foreign,
            ..
        }
    ));
    let own = decode_instagram(&body(
        json!({"sender": {"id": ACCOUNT}, "recipient": {"id": ACCOUNT}, "message": {"mid": "a", "is_echo": true, "is_self": true, "text": "x"}}),
    ));
    assert_eq!(own.events, vec![]);
}

#[test]
fn a_message_wrapped_as_a_change_is_read_and_a_comment_is_not() {
    let value = json!({"sender": {"id": IGSID}, "recipient": {"id": ACCOUNT}, "timestamp": "1790000000123", "message": {"mid": "a", "text": "Hi"}});
    let wrapped = json!({"object": "instagram", "entry": [{"id": ACCOUNT, "changes": [{"field": "messages", "value": value}, {"field": "comments", "value": {"id": "c", "text": "nice"}}]}]});
    let event = only(decode_instagram(&wrapped));
    assert_eq!(event.pointer, "/entry/0/changes/0");
    assert_eq!(event.dedupe_key, "m:a");
}
