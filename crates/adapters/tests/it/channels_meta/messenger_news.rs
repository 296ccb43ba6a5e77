//! Messenger's webhooks beside the contact's words: echoes, receipts, control, broken items.

use super::messenger::{PSID, body, contents, item};
use super::support::*;
use domain::contact::ContactAddress;
use domain::message::*;
use domain::ports::{ChannelEvent, EchoOrigin};
use domain::time::Timestamp;
use serde_json::{Value, json};

#[test]
fn an_echo_belongs_to_the_recipient_and_tells_whose_it_is() {
    let echo = |app: Value| {
        let message = json!({"mid": "m_E", "is_echo": true, "app_id": app, "metadata": IDENTITY.to_string(), "text": "hello"});
        only(decode_messenger(&body(vec![
            json!({"sender": {"id": PAGE}, "recipient": {"id": PSID}, "message": message}),
        ])))
    };
    for (app, expected) in [
        (json!(APP), EchoOrigin::Ours),
        (json!(APP.parse::<u64>().unwrap()), EchoOrigin::Ours),
        (json!(26_390_203_743_090_u64), EchoOrigin::Foreign),
        (Value::Null, EchoOrigin::Foreign),
    ] {
        let event = echo(app);
        assert_eq!(event.contact, Some(ContactAddress::of(PSID)));
        let ChannelEvent::Echo {
            external_id,
            identity,
            origin,
            ..
        } = event.event
        else {
            panic!()
        };
        assert_eq!(
            (external_id.as_str(), identity, origin),
            ("m_E", Some(IDENTITY), expected)
        );
    }
    let odd = json!({"sender": {"id": PAGE}, "recipient": {"id": PSID}, "message": {"mid": "m", "is_echo": true, "metadata": "a bot's own", "attachments": [{"type": "template", "payload": null, "attachment_id": 7}]}});
    assert!(matches!(
        only(decode_messenger(&body(vec![odd]))).event,
        ChannelEvent::Echo { identity: None, .. }
    ));
    // Without the mark, our own Page still never becomes a contact.
    let unmarked = json!({"sender": {"id": PAGE}, "recipient": {"id": PSID}, "message": {"mid": "m", "text": "x"}});
    assert!(matches!(
        only(decode_messenger(&body(vec![unmarked]))).event,
        ChannelEvent::Echo { .. }
    ));
    let to_itself = json!({"sender": {"id": PAGE}, "recipient": {"id": PAGE}, "message": {"mid": "m", "text": "x"}});
    assert_eq!(decode_messenger(&body(vec![to_itself])).events, vec![]);
}

#[test]
fn receipts_name_messages_and_watermarks() {
    let decoded = decode_messenger(&body(vec![
        json!({"delivery": {"mids": ["m_1"], "watermark": 1_790_000_000_000_i64}}),
        json!({"read": {"watermark": "1790000000000"}}),
        json!({"delivery": {"watermark": 1_790_000_000_001_i64}}),
    ]));
    let updates: Vec<_> = decoded
        .events
        .iter()
        .map(|e| match &e.event {
            ChannelEvent::Delivery(u) => (u.which.clone(), u.status),
            _ => panic!(),
        })
        .collect();
    let upto = |ms| DeliveryTarget::UpTo(Timestamp(ms));
    assert_eq!(
        updates,
        [
            (
                DeliveryTarget::External {
                    id: "m_1".into(),
                    identity: None
                },
                DeliveryStatus::Delivered
            ),
            (upto(1_790_000_000_000), DeliveryStatus::Delivered),
            (upto(1_790_000_000_000), DeliveryStatus::Read),
            (upto(1_790_000_000_001), DeliveryStatus::Delivered),
        ]
    );
}

#[test]
fn thread_control_says_whether_it_is_ours() {
    for (value, expected) in [
        (
            json!({"pass_thread_control": {"previous_owner_app_id": "1", "new_owner_app_id": APP}}),
            true,
        ),
        (
            json!({"pass_thread_control": {"previous_owner_app_id": null, "new_owner_app_id": "2"}}),
            false,
        ),
        (
            json!({"take_thread_control": {"previous_owner_app_id": APP, "new_owner_app_id": 2}}),
            false,
        ),
    ] {
        assert_eq!(
            only(decode_messenger(&body(vec![value]))).event,
            ChannelEvent::ThreadControl { ours: expected }
        );
    }
    let roles = json!({"object": "page", "entry": [{"id": PAGE, "messaging": [{"recipient": {"id": PAGE}, "timestamp": 1, "app_roles": {"1": ["primary_receiver"]}}]}]});
    assert!(matches!(
        only(decode_messenger(&roles)).event,
        ChannelEvent::Account { .. }
    ));
}

#[test]
fn standby_is_marked_and_malformed_items_lose_nothing() {
    let good = |mid: &str| item(json!({"message": {"mid": mid, "text": "x"}}));
    let body = json!({"object": "page", "entry": [
        null,
        {"id": PAGE, "time": 1, "messaging": [null, 5, {}, {"sender": {"user_ref": "u"}, "recipient": {"id": PAGE}, "optin": {"ref": "x"}}, good("m_1")], "standby": [good("m_2")]},
        {"id": PAGE, "messaging": "x", "changes": [{"field": "feed", "value": {"item": "comment"}}]},
        {"id": "other-page", "messaging": [good("m_3")]}]});
    let decoded = decode_messenger(&body);
    let seen: Vec<_> = decoded
        .events
        .iter()
        .map(|e| {
            (
                e.account.as_str(),
                e.dedupe_key.as_str(),
                matches!(e.event, ChannelEvent::Message { standby: true, .. }),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (PAGE, "m:m_1", false),
            (PAGE, "m:m_2", true),
            ("other-page", "m:m_3", false)
        ]
    );
    assert_eq!(decoded.undecodable.len(), 5, "{:#?}", decoded.undecodable);
    let unknown = contents(json!({"brand_new_thing": {"a": 1}}));
    assert_eq!(
        unknown,
        vec![Content::Unsupported {
            what: "brand_new_thing".into()
        }]
    );
    assert_eq!(
        contents(json!({"message": {"mid": "m"}})),
        vec![Content::Unsupported {
            what: "empty".into()
        }]
    );
}
