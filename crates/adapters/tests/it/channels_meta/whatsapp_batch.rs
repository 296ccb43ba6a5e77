//! WhatsApp's webhooks around the words: who, statuses, echoes, batches, broken items.

use super::support::*;
use super::whatsapp::{ana, change, message, value};
use domain::contact::ContactAddress;
use domain::message::*;
use domain::ports::{ChannelEvent, EchoOrigin};
use serde_json::{Value, json};

#[test]
fn the_user_id_is_the_key_and_the_number_an_alias() {
    let key = |contacts: Value, from: Value, user: Value| {
        let item = json!({"from": from, "from_user_id": user, "id": "w", "type": "text", "text": {"body": "x"}});
        let decoded = decode_whatsapp(&value(json!({"contacts": contacts, "messages": [item]})));
        decoded
            .events
            .first()
            .and_then(|e| e.contact.clone())
            .map(|c| (c.key, c.alias))
    };
    let pair = |key: &str, alias: Option<&str>| Some((key.to_owned(), alias.map(str::to_owned)));
    let number = json!("15550100123");
    let both = json!([{"wa_id": "15550100123", "user_id": "US.7"}]);
    assert_eq!(
        key(both.clone(), number.clone(), Value::Null),
        pair("US.7", Some("15550100123"))
    );
    // The number is hidden.
    let hidden = json!([{"profile": {"username": "ana"}, "user_id": "US.7"}]);
    assert_eq!(
        key(hidden.clone(), Value::Null, Value::Null),
        pair("US.7", None)
    );
    assert_eq!(
        key(hidden.clone(), json!(""), Value::Null),
        pair("US.7", None)
    );
    assert_eq!(key(hidden, Value::Null, json!("US.7")), pair("US.7", None));
    assert_eq!(
        key(json!([]), json!("US.7"), Value::Null),
        pair("US.7", None)
    );
    // No `contacts` at all.
    assert_eq!(
        key(Value::Null, number.clone(), Value::Null),
        pair("15550100123", None)
    );
    // Brazil, Mexico, Argentina: the extra digit differs, the answer goes to what came in.
    for (from, wa_id) in [
        ("5511987654321", "551187654321"),
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
    ] {
        assert_eq!(
            key(json!([{"wa_id": wa_id}]), json!(from), Value::Null),
            pair(from, Some(wa_id))
        );
        assert_eq!(
            key(
                json!([{"wa_id": wa_id, "user_id": "BR.1"}]),
                json!(from),
                Value::Null
            ),
            pair("BR.1", Some(from))
        );
    }
    // Two people in one batch: never guess.
    let two =
        json!([{"wa_id": "1555", "user_id": "US.1"}, {"wa_id": "15550100123", "user_id": "US.2"}]);
    assert_eq!(
        key(two.clone(), number, Value::Null),
        pair("US.2", Some("15550100123"))
    );
    assert_eq!(key(two, Value::Null, Value::Null), None);
    // Somebody else's entry says nothing about this sender.
    assert_eq!(
        key(
            json!([{"wa_id": "15559999999", "user_id": "US.9"}]),
            json!("15550100123"),
            Value::Null
        ),
        pair("15550100123", None)
    );
}

#[test]
fn an_advertisement_and_a_product_come_before_the_words() {
    let decoded = decode_whatsapp(&message(json!({"type": "text", "text": {"body": "Hi"},
        "context": {"referred_product": {"catalog_id": "c1", "product_retailer_id": "sku"}},
        "referral": {"source_url": "https://fb.me/x", "source_id": "ad1", "source_type": "ad", "headline": "Sale", "ctwa_clid": "clid"}})));
    let referral = Content::Referral(Referral {
        parameter: Some("clid".into()),
        source: Some("ad".into()),
        ad_id: Some("ad1".into()),
        headline: Some("Sale".into()),
        url: Some("https://fb.me/x".into()),
    });
    assert_eq!(
        said(&decoded),
        vec![
            referral,
            Content::Order {
                summary: "sku · c1".into()
            },
            Content::text("Hi")
        ]
    );
    let keys: Vec<_> = decoded
        .events
        .iter()
        .map(|e| e.dedupe_key.as_str())
        .collect();
    assert_eq!(
        keys,
        ["m:wamid.IN#referral", "m:wamid.IN#product", "m:wamid.IN"]
    );
}

#[test]
fn a_tap_without_its_body_is_kept_with_the_error_beside_it() {
    let body = value(
        json!({"contacts": ana(), "errors": [{"code": 131060, "title": "unavailable"}],
        "messages": [{"from": "15550100123", "id": "w1", "timestamp": "1", "type": "interactive"}]}),
    );
    let event = only(decode_whatsapp(&body));
    let ChannelEvent::Message { content, .. } = event.event else {
        panic!()
    };
    assert_eq!(
        content,
        Content::Unsupported {
            what: "interactive (131060)".into()
        }
    );
}

#[test]
fn errors_alone_are_news_about_the_account() {
    let event = only(decode_whatsapp(&value(
        json!({"errors": [{"code": 130429, "title": "Rate limit hit", "error_data": {"details": "slow"}}]}),
    )));
    assert_eq!(event.contact, None);
    assert_eq!(
        event.event,
        ChannelEvent::Account {
            code: "130429".into(),
            detail: "130429: Rate limit hit – slow".into()
        }
    );
}

fn status(mut item: Value) -> domain::ports::Inbound {
    item["recipient_id"] = json!("15550100123");
    item["timestamp"] = json!("1790000123");
    only(decode_whatsapp(&value(json!({"statuses": [item]}))))
}

#[test]
fn statuses_are_read_with_our_identity() {
    for (told, expected) in [
        ("sent", DeliveryStatus::Sent),
        ("delivered", DeliveryStatus::Delivered),
        ("read", DeliveryStatus::Read),
        ("played", DeliveryStatus::Read),
    ] {
        let event = status(
            json!({"id": "wamid.OUR", "status": told, "biz_opaque_callback_data": IDENTITY.to_string()}),
        );
        assert_eq!(event.dedupe_key, format!("s:wamid.OUR:{told}:"));
        assert_eq!(event.contact, Some(ContactAddress::of("15550100123")));
        let ChannelEvent::Delivery(update) = event.event else {
            panic!()
        };
        assert_eq!(update.status, expected);
        assert_eq!(
            update.which,
            DeliveryTarget::External {
                id: "wamid.OUR".into(),
                identity: Some(IDENTITY)
            }
        );
        assert_eq!(update.failure, None);
    }
    let foreign =
        status(json!({"id": "w", "status": "sent", "biz_opaque_callback_data": "a bot's own"}));
    assert!(matches!(
        foreign.event,
        ChannelEvent::Delivery(DeliveryUpdate {
            which: DeliveryTarget::External { identity: None, .. },
            ..
        })
    ));
}

#[test]
fn a_late_failure_says_why() {
    let event = status(
        json!({"id": "w", "status": "failed", "errors": [{"code": 131047, "title": "Re-engagement message", "error_data": {"details": "24 hours"}, "href": "x"}]}),
    );
    let ChannelEvent::Delivery(update) = event.event else {
        panic!()
    };
    assert_eq!(update.status, DeliveryStatus::Failed);
    assert_eq!(
        update.failure.as_deref(),
        Some("131047: Re-engagement message – 24 hours")
    );
    let bare = status(
        json!({"id": "w", "status": "failed", "errors": [{"code": "1", "error_data": "plain"}]}),
    );
    assert!(
        matches!(bare.event, ChannelEvent::Delivery(DeliveryUpdate { failure: Some(f), .. }) if f == "1: plain")
    );
}

#[test]
fn two_members_of_a_group_have_two_statuses() {
    let one = json!({"id": "w", "status": "read", "recipient_type": "group", "recipient_participant_id": "1"});
    let two = json!({"id": "w", "status": "read", "recipient_type": "group", "recipient_participant_id": "2"});
    let decoded = decode_whatsapp(&value(json!({"statuses": [one, two]})));
    assert_ne!(decoded.events[0].dedupe_key, decoded.events[1].dedupe_key);
    assert_eq!(decoded.events[0].contact, None);
}

#[test]
fn one_malformed_item_does_not_lose_the_others() {
    let mut changes = vec![json!({"field": "messages"}), json!(null), json!("x")];
    let items = json!([
        {"from": "15550100123", "id": "w1", "type": "text", "text": {"body": "one"}},
        null, 7, "x", [], {"id": "nobody"},
        {"from": {"not": "text"}, "id": "w2"},
        {"from": "15550100123", "id": "w3", "type": "text", "text": {"body": "three"}},
    ]);
    let metadata = json!({"phone_number_id": LINE});
    changes.push(json!({"field": "messages", "value": {"metadata": metadata, "messages": items,
        "statuses": [{"id": "w"}, {"id": "o", "status": "sent"}, {"id": "o", "status": "teleported"}]}}));
    changes.push(json!({"field": "messages", "value": {"metadata": metadata, "messages": "not a list", "statuses": {"id": "lone", "status": "read"}}}));
    let body = json!({"entry": [{"changes": changes}, 5, {"id": "x", "changes": [{"field": "messages", "value": {"metadata": {"phone_number_id": "222"}, "messages": [{"from": "15550100123", "id": "w4", "type": "text", "text": {"body": "four"}}]}}]}]});
    let decoded = decode_whatsapp(&body);
    let keys: Vec<_> = decoded
        .events
        .iter()
        .map(|e| (e.account.as_str(), e.dedupe_key.as_str()))
        .collect();
    assert_eq!(
        keys,
        [
            (LINE, "m:w1"),
            (LINE, "m:w3"),
            (LINE, "s:o:sent:"),
            (LINE, "s:lone:read:"),
            ("222", "m:w4")
        ]
    );
    assert_eq!(decoded.undecodable.len(), 12, "{:#?}", decoded.undecodable);
}

#[test]
fn fifty_entries_of_two_lines_are_all_read() {
    let entry = |n: usize| {
        let line = if n.is_multiple_of(2) { LINE } else { "222" };
        json!({"id": WABA, "changes": [{"field": "messages", "value": {"metadata": {"phone_number_id": line},
            "messages": [{"from": format!("1555010{n:04}"), "id": format!("w{n}"), "timestamp": "1", "type": "text", "text": {"body": "x"}}]}}]})
    };
    let body = json!({"entry": (0..50).map(entry).collect::<Vec<_>>()});
    let decoded = decode_whatsapp(&body);
    assert_eq!(decoded.events.len(), 50);
    assert_eq!(
        decoded.events.iter().filter(|e| e.account == LINE).count(),
        25
    );
    assert_eq!(
        decoded.events[49].pointer,
        "/entry/49/changes/0/value/messages/0"
    );
}

#[test]
fn a_message_without_id_has_the_same_key_when_repeated() {
    let item =
        json!({"from": "15550100123", "timestamp": "1", "type": "text", "text": {"body": "x"}});
    let body = value(json!({"messages": [item]}));
    let key = |body: &Value| only(decode_whatsapp(body)).dedupe_key;
    assert_eq!(key(&body), key(&body));
    assert!(key(&body).starts_with("m:sha256:"));
    let long = message(json!({"id": "w".repeat(10_000), "type": "text", "text": {"body": "x"}}));
    assert!(key(&long).len() < 100);
}

#[test]
fn what_the_owner_says_on_the_phone_is_a_foreign_echo() {
    let body = change(
        "smb_message_echoes",
        json!({"message_echoes": [
        {"from": "15550100999", "to": "15550100123", "to_user_id": "US.7", "id": "wamid.E", "timestamp": "1790000000", "type": "text", "text": {"body": "I am here"}},
        {"from": "15550100999", "to": "15550100123", "id": "wamid.R", "timestamp": "1790000001", "type": "revoke", "revoke": {"original_message_id": "wamid.E"}}]}),
    );
    let decoded = decode_whatsapp(&body);
    assert_eq!(
        decoded.events[0].contact,
        Some(ContactAddress {
            key: "US.7".into(),
            alias: Some("15550100123".into()),
            thread: None
        })
    );
    assert_eq!(
        decoded.events[0].event,
        ChannelEvent::Echo {
            external_id: "wamid.E".into(),
            identity: None,
            origin: EchoOrigin::Foreign,
            content: Content::text("I am here")
        }
    );
    assert!(
        matches!(&decoded.events[1].event, ChannelEvent::Echo { content: Content::Delete { target }, .. } if target == "wamid.E")
    );
}

#[test]
fn standby_is_read_and_marked() {
    let body = change(
        "standby",
        json!({"standby": {
        "contacts": ana(),
        "messages": [{"from": "15550100123", "id": "w1", "timestamp": "1", "type": "text", "text": {"body": "to the other app"}}],
        "message_echoes": [{"id": "w2", "timestamp": "2", "message": {"to": "+15550100123", "type": "text", "text": {"body": "its answer"}}}],
        "statuses": [{"id": "w2", "status": "read", "recipient_id": "15550100123"}]}}),
    );
    let decoded = decode_whatsapp(&body);
    assert_eq!(decoded.undecodable, Vec::<String>::new());
    assert!(matches!(
        &decoded.events[0].event,
        ChannelEvent::Message { standby: true, .. }
    ));
    assert!(matches!(
        &decoded.events[1].event,
        ChannelEvent::Delivery(_)
    ));
    assert_eq!(
        decoded.events[2].contact,
        Some(ContactAddress::of("15550100123"))
    );
    assert!(
        matches!(&decoded.events[2].event, ChannelEvent::Echo { content: Content::Text { text }, .. } if text == "its answer")
    );
    assert!(
        decoded.events[2]
            .pointer
            .contains("/standby/message_echoes/0")
    );
}

#[test]
fn preferences_and_account_news_are_read() {
    let event = only(decode_whatsapp(&change(
        "user_preferences",
        json!({"contacts": ana(), "user_preferences": [{"wa_id": "15550100123", "category": "marketing_messages", "value": "stop", "timestamp": 1_790_000_000}]}),
    )));
    assert_eq!(event.contact.map(|c| c.key).as_deref(), Some("15550100123"));
    assert!(
        matches!(event.event, ChannelEvent::Message { content: Content::Notice { code, .. }, .. } if code == "marketing_messages:stop")
    );
    let body = json!({"entry": [{"id": WABA, "time": 1_790_000_000, "changes": [{"field": "phone_number_quality_update", "value": {"event": "FLAGGED", "current_limit": "TIER_1K"}}]}]});
    let event = only(decode_whatsapp(&body));
    assert_eq!(event.account, LINE);
    assert_eq!(
        event.event,
        ChannelEvent::Account {
            code: "phone_number_quality_update".into(),
            detail: "FLAGGED · TIER_1K".into()
        }
    );
}

#[test]
fn a_group_message_is_never_answered_in_private() {
    let decoded = decode_whatsapp(&message(
        json!({"group_id": "g", "type": "text", "text": {"body": "x"}}),
    ));
    assert_eq!(decoded.events, vec![]);
    assert_eq!(decoded.undecodable.len(), 1);
}

#[test]
fn what_is_no_webhook_is_reported() {
    for body in ["", "null", "[]", "{}", "{\"entry\":[]}", "not json"] {
        let decoded = decode_with(&whatsapp(GRAPH), &whatsapp_credentials(), body.as_bytes());
        assert_eq!(decoded.events, vec![]);
        assert_eq!(decoded.undecodable.len(), 1, "{body}");
    }
}
