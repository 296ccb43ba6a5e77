//! Reading Messenger's webhooks: every sample and pitfall of the protocol sheet.

use super::support::*;
use domain::contact::ContactAddress;
use domain::message::*;
use domain::ports::ChannelEvent;
use domain::time::Timestamp;
use serde_json::{Value, json};

pub(super) const PSID: &str = "5000000000000001";
const CDN: &str = "https://scontent.xx.fbcdn.net/v/a.jpg?sig=1";

pub(super) fn item(mut value: Value) -> Value {
    for (field, default) in [
        ("sender", json!({"id": PSID})),
        ("recipient", json!({"id": PAGE})),
        ("timestamp", json!(1_790_000_000_123_i64)),
    ] {
        if value.get(field).is_none() {
            value[field] = default;
        }
    }
    value
}

pub(super) fn body(items: Vec<Value>) -> Value {
    let items: Vec<Value> = items.into_iter().map(item).collect();
    json!({"object": "page", "entry": [{"id": PAGE, "time": 1_790_000_000_500_i64, "messaging": items}]})
}

pub(super) fn contents(value: Value) -> Vec<Content> {
    said(&decode_messenger(&body(vec![value])))
}

fn url(kind: MediaKind, url: &str, name: Option<&str>) -> Content {
    Content::Media {
        attachment: Attachment {
            source: Some(MediaSource::Url { url: url.into() }),
            name: name.map(str::to_owned),
            ..Attachment::of(kind)
        },
        caption: None,
    }
}

#[test]
fn a_text_carries_who_when_and_its_key() {
    let event = only(decode_messenger(&body(vec![
        json!({"message": {"mid": "m_AbC", "text": "Hi", "reply_to": {"mid": "m_Old"}}}),
    ])));
    assert_eq!(event.account, PAGE);
    assert_eq!(event.contact, Some(ContactAddress::of(PSID)));
    assert_eq!(event.dedupe_key, "m:m_AbC");
    assert_eq!(event.at, Timestamp(1_790_000_000_123));
    assert_eq!(event.pointer, "/entry/0/messaging/0");
    let ChannelEvent::Message {
        external_id,
        content,
        reply_to,
        standby,
        ..
    } = event.event
    else {
        panic!()
    };
    assert_eq!(
        (external_id.as_deref(), reply_to.as_deref(), standby),
        (Some("m_AbC"), Some("m_Old"), false)
    );
    assert_eq!(content, Content::text("Hi"));
}

#[test]
fn every_kind_of_attachment_is_read() {
    let one =
        |attachment: Value| contents(json!({"message": {"mid": "m", "attachments": [attachment]}}));
    let at = |kind: &str| json!({"type": kind, "payload": {"url": CDN}});
    for (kind, expected) in [
        ("image", MediaKind::Image),
        ("audio", MediaKind::Audio),
        ("video", MediaKind::Video),
        ("file", MediaKind::File),
        ("sticker", MediaKind::Sticker),
        ("reel", MediaKind::Video),
        ("ig_reel", MediaKind::Video),
        ("hologram", MediaKind::File),
    ] {
        assert_eq!(
            one(at(kind)),
            vec![url(expected, CDN, Some("a.jpg"))],
            "{kind}"
        );
    }
    let unsupported = |what: &str| vec![Content::Unsupported { what: what.into() }];
    assert_eq!(one(json!({"type": "image"})), unsupported("image"));
    assert_eq!(
        one(json!({"type": "image", "payload": null})),
        unsupported("image")
    );
    assert_eq!(
        one(json!({"type": "template", "payload": null})),
        unsupported("template")
    );
    assert_eq!(one(json!({})), unsupported("unknown"));
    assert_eq!(
        one(json!({"type": "sticker", "payload": {"sticker_id": 369}})),
        unsupported("sticker")
    );
    assert_eq!(
        one(json!({"type": "fallback", "title": "A page", "url": "https://example.org/p"})),
        vec![Content::text("A page\nhttps://example.org/p")]
    );
    assert_eq!(
        one(json!({"type": "location", "payload": {"coordinates": {"lat": 1.5, "long": "2"}}})),
        vec![Content::Location(Location {
            latitude: 1.5,
            longitude: 2.0,
            name: None,
            address: None
        })]
    );
    assert_eq!(
        one(
            json!({"type": "template", "payload": {"product": {"elements": [{"id": "1", "title": "Shoe", "subtitle": "$ 30"}]}}})
        ),
        vec![Content::Order {
            summary: "Shoe – $ 30".into()
        }]
    );
    // An address that is not the platform's is shown and never fetched.
    assert_eq!(
        one(json!({"type": "image", "payload": {"url": "https://evil.example/x"}})),
        vec![Content::text("https://evil.example/x")]
    );
}

#[test]
fn a_shared_link_in_the_words_is_not_said_twice() {
    let said = contents(
        json!({"message": {"mid": "m", "text": "look https://example.org/p", "attachments": [{"type": "fallback", "payload": null, "title": "look", "url": "https://example.org/p"}]}}),
    );
    assert_eq!(said, vec![Content::text("look https://example.org/p")]);
}

#[test]
fn several_attachments_are_several_events_of_one_item() {
    let two = json!([{"type": "image", "payload": {"url": CDN}}, {"type": "file", "payload": {"url": CDN}}]);
    let decoded = decode_messenger(&body(vec![
        json!({"message": {"mid": "m_1", "text": "both", "attachments": two}}),
    ]));
    let keys: Vec<_> = decoded
        .events
        .iter()
        .map(|e| e.dedupe_key.as_str())
        .collect();
    assert_eq!(keys, ["m:m_1", "m:m_1#0", "m:m_1#1"]);
    assert!(
        decoded
            .events
            .iter()
            .all(|e| e.pointer == "/entry/0/messaging/0")
    );
    let ids: Vec<_> = decoded
        .events
        .iter()
        .map(|e| match &e.event {
            ChannelEvent::Message { external_id, .. } => external_id.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(ids, [Some("m_1".to_owned()), None, None]);
}

#[test]
fn a_sticker_sent_twice_is_one_sticker() {
    for (image, sticker) in [
        (
            json!({"url": CDN, "sticker_id": 369}),
            json!({"url": CDN, "sticker_id": "369"}),
        ),
        (
            json!({"url": CDN}),
            json!({"url": "https://scontent.xx.fbcdn.net/v/a.jpg?sig=2"}),
        ),
    ] {
        let list =
            json!([{"type": "image", "payload": image}, {"type": "sticker", "payload": sticker}]);
        let said = contents(json!({"message": {"mid": "m", "attachments": list}}));
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].kind(), "sticker");
    }
    let old = contents(
        json!({"message": {"mid": "m", "attachments": [{"type": "image", "payload": {"url": CDN, "sticker_id": 1}}]}}),
    );
    assert_eq!(old[0].kind(), "sticker");
}

#[test]
fn taps_links_reactions_and_edits_are_read() {
    let choice = |label: &str, payload: Option<&str>| Content::Choice {
        label: label.into(),
        payload: payload.map(str::to_owned),
        offered_in: None,
    };
    assert_eq!(
        contents(json!({"message": {"mid": "m", "text": "Yes", "quick_reply": {"payload": "p1"}}})),
        vec![choice("Yes", Some("p1"))]
    );
    let referral = Content::Referral(Referral {
        parameter: Some("r".into()),
        source: Some("SHORTLINK".into()),
        ..Referral::default()
    });
    let link = json!({"ref": "r", "source": "SHORTLINK", "type": "OPEN_THREAD"});
    assert_eq!(
        contents(
            json!({"postback": {"mid": "m_P", "title": "Start", "payload": "p", "referral": link}})
        ),
        vec![referral.clone(), choice("Start", Some("p"))]
    );
    assert_eq!(contents(json!({"referral": link})), vec![referral]);
    let ad =
        json!({"ref": "r", "ad_id": 1, "source": "ADS", "ads_context_data": {"ad_title": "t"}});
    let ad_content = Content::Referral(Referral {
        parameter: Some("r".into()),
        source: Some("ADS".into()),
        ad_id: Some("1".into()),
        headline: Some("t".into()),
        url: None,
    });
    assert_eq!(
        contents(json!({"message": {"mid": "m", "text": "Hi", "referral": ad}})),
        vec![ad_content, Content::text("Hi")]
    );
    let reaction = |emoji: Option<&str>| {
        vec![Content::Reaction {
            target: "m_T".into(),
            emoji: emoji.map(str::to_owned),
        }]
    };
    assert_eq!(
        contents(
            json!({"reaction": {"mid": "m_T", "action": "react", "reaction": "love", "emoji": "❤️"}})
        ),
        reaction(Some("❤️"))
    );
    assert_eq!(
        contents(json!({"reaction": {"mid": "m_T", "action": "react", "reaction": "angry"}})),
        reaction(Some("😠"))
    );
    assert_eq!(
        contents(json!({"reaction": {"mid": "m_T", "action": "unreact"}})),
        reaction(None)
    );
    assert_eq!(
        contents(json!({"message_edit": {"mid": "m_T", "text": "new", "num_edit": "1"}})),
        vec![Content::Edit {
            target: "m_T".into(),
            text: "new".into()
        }]
    );
    let key = |value: Value| only(decode_messenger(&body(vec![value]))).dedupe_key;
    assert_eq!(
        key(json!({"message_edit": {"mid": "m_T", "text": "new", "num_edit": 2}})),
        "e:m_T:2"
    );
    assert_ne!(
        key(json!({"reaction": {"mid": "m", "action": "react"}})),
        key(json!({"reaction": {"mid": "m", "action": "unreact"}}))
    );
    let bare = json!({"postback": {"payload": "p"}});
    assert_eq!(key(bare.clone()), key(bare));
}
