use super::*;
use domain::desk::{DeskBody, DeskContent, DeskEvent, DeskMessage};
use domain::ids::HandoffId;
use domain::message::{MediaKind, MediaSource, OptionAction};
use proptest::prelude::*;
use serde_json::{Value, json};

const OWN: i64 = 5207;

fn base() -> Value {
    json!({
        "id": 900, "content": "hola", "content_type": "text/plain", "type": "NORMAL",
        "conversation_id": 686_949, "person_type": "User", "person_id": 77,
        "created_at": "2019-10-04T14:37:22.000+0000",
    })
}

fn with(changes: Value) -> Value {
    let mut data = base();
    for (key, value) in changes.as_object().unwrap() {
        data[key] = value.clone();
    }
    data
}

fn read(data: &Value) -> Result<DeskMessage, Unreadable> {
    message(data, OWN, Some(686_949))
}

fn content_of(data: &Value) -> DeskContent {
    match read(data).unwrap().body {
        DeskBody::Agent { content, .. } => content,
        other => panic!("not an agent's: {other:?}"),
    }
}

#[test]
fn an_agents_words_are_read_in_both_spellings_of_the_author() {
    let nested = with(json!({
        "person_type": null, "person_id": null,
        "person": {"id": "77", "type": "User", "name": " Ana "},
    }));
    for (data, name) in [(base(), None), (nested, Some("Ana"))] {
        let read = read(&data).unwrap();
        let DeskBody::Agent { agent, content } = read.body else {
            panic!("not an agent's");
        };
        assert_eq!((agent.id, agent.name.as_deref()), (77, name));
        assert_eq!(content, DeskContent::Text("hola".into()));
        assert_eq!(read.created_at.unwrap().0, 1_570_199_842_000);
    }
}

#[test]
fn internal_notes_never_become_an_agents_words() {
    for internal in [
        json!(true),
        json!("true"),
        json!(1),
        json!("yes"),
        json!({}),
    ] {
        let data = with(json!({ "internal": internal }));
        assert_eq!(read(&data).unwrap().body, DeskBody::Internal, "{internal}");
    }
    let data = with(json!({ "internal": false }));
    assert!(matches!(read(&data).unwrap().body, DeskBody::Agent { .. }));
}

#[test]
fn our_own_agents_words_stay_at_the_desk() {
    let body = read(&with(json!({ "person_id": "5207" }))).unwrap().body;
    assert_eq!(body, DeskBody::Internal);
}

#[test]
fn system_messages_are_never_an_agents_words() {
    let closed = with(json!({ "type": "SYSTEM", "content": "closed" }));
    assert_eq!(read(&closed).unwrap().body, DeskBody::Closed);
    let other = with(json!({ "type": "SYSTEM", "content": "Ana joined", "person_type": null }));
    assert_eq!(
        read(&other).unwrap().body,
        DeskBody::System {
            text: "Ana joined".into()
        }
    );
}

#[test]
fn an_unknown_author_is_not_guessed() {
    for author in [json!(null), json!("Robot")] {
        assert!(read(&with(json!({ "person_type": author }))).is_err());
    }
    let by_who = with(json!({ "person_type": null, "who": "client" }));
    assert!(matches!(
        read(&by_who).unwrap().body,
        DeskBody::Client { .. }
    ));
}

#[test]
fn an_event_that_names_another_conversation_than_its_channel_is_refused() {
    assert!(message(&base(), OWN, Some(1)).is_err());
    assert!(message(&base(), OWN, None).is_ok());
}

#[test]
fn a_message_without_an_id_is_refused() {
    assert!(read(&with(json!({ "id": null }))).is_err());
    assert!(read(&with(json!({ "id": "901" }))).is_ok());
}

#[test]
fn the_opening_message_coming_back_settles_its_handoff() {
    let handoff = HandoffId(uuid::Uuid::from_u128(5));
    let data = with(json!({ "person_type": "Client", "remote_id": handoff.opening_identity() }));
    let read = read(&data).unwrap();
    assert_eq!(read.opened(handoff), Some(686_949));
    assert_eq!(read.opened(HandoffId(uuid::Uuid::from_u128(6))), None);
}

#[test]
fn a_files_address_is_found_in_every_assumed_place() {
    let url = "https://files.example/a/nota%20final.pdf?sig=1";
    for place in [
        json!({ "media": { "url": url } }),
        json!({ "media_url": url }),
        json!({ "media": url }),
        json!({ "attachment": { "url": url } }),
        json!({ "attachment_url": url }),
        json!({ "attachment": url }),
        json!({ "file": { "url": url } }),
        json!({ "file_url": url }),
        json!({ "url": url }),
    ] {
        let mut data = with(place.clone());
        data["content_type"] = json!("application/pdf");
        data["content"] = json!("attachment");
        let DeskContent::File(file) = content_of(&data) else {
            panic!("no file: {place}");
        };
        assert_eq!(
            file.source,
            Some(MediaSource::Url { url: url.into() }),
            "{place}"
        );
        assert_eq!(file.name.as_deref(), Some("nota final.pdf"));
        assert_eq!(file.mime.as_deref(), Some("application/pdf"));
        assert_eq!(file.kind, MediaKind::File);
    }
}

#[test]
fn a_file_without_an_address_is_still_a_file() {
    let data = with(json!({ "content_type": "image/png", "content": "attachment" }));
    let DeskContent::File(file) = content_of(&data) else {
        panic!("no file");
    };
    assert_eq!((file.kind, file.source), (MediaKind::Image, None));
}

#[test]
fn options_are_read_from_an_object_and_from_a_string() {
    let options = json!({
        "title": "¿Sigue ahí?",
        "options": { "viewType": "list", "showItemsIcon": true },
        "items": [
            { "type": "quick-reply", "payload": { "label": "Sí", "message": "sigo aquí" } },
            { "type": "link", "payload": { "label": "Web", "url": "https://x.example", "target": "_blank" } },
            { "type": "quick-reply", "payload": {} },
        ],
    });
    for (content_type, content) in [
        ("application/json", options.clone()),
        ("actionable/list", json!(options.to_string())),
        ("application/json", json!(options.to_string())),
    ] {
        let data = with(json!({ "content_type": content_type, "content": content }));
        let DeskContent::Options(list) = content_of(&data) else {
            panic!("no options");
        };
        assert_eq!(list.title, "¿Sigue ahí?");
        assert_eq!(list.items.len(), 2);
        let reply = OptionAction::Reply {
            message: "sigo aquí".into(),
        };
        assert_eq!(list.items[0].action, reply);
        let link = OptionAction::Link {
            url: "https://x.example".into(),
        };
        assert_eq!(list.items[1].action, link);
    }
}

#[test]
fn joining_members_are_told_and_viewers_are_not() {
    let joined = |data: Value| {
        event(
            &json!({ "namespace": "conversation_memberships.create", "data": data }),
            "conversation-7",
            OWN,
        )
        .unwrap()
    };
    let member =
        json!({ "person_id": 77, "person_type": "User", "role": "Member", "conversation_id": 7 });
    assert!(matches!(
        joined(member.clone()),
        DeskEvent::AgentJoined {
            conversation: 7,
            ..
        }
    ));
    for change in [
        json!({ "role": "Viewer" }),
        json!({ "person_type": "Client" }),
        json!({ "person_id": OWN }),
    ] {
        let mut data = member.clone();
        for (key, value) in change.as_object().unwrap() {
            data[key] = value.clone();
        }
        assert!(
            matches!(joined(data), DeskEvent::Ignored { .. }),
            "{change}"
        );
    }
}

#[test]
fn a_closed_conversation_is_told_and_other_updates_are_noise() {
    let update = |status: &str| {
        event(
            &json!({ "namespace": "conversations.update", "data": { "id": 7, "status": status } }),
            "user-5207-channel",
            OWN,
        )
        .unwrap()
    };
    assert_eq!(update("Closed"), DeskEvent::Closed { conversation: 7 });
    assert!(matches!(update("Open"), DeskEvent::Ignored { .. }));
}

#[test]
fn noise_is_counted_under_its_name() {
    for namespace in [
        "notifications.create",
        "person_statuses.update",
        "custom_rules.run",
        "brand.new",
    ] {
        let told = event(&json!({ "namespace": namespace }), "user-5207-channel", OWN).unwrap();
        assert_eq!(
            told,
            DeskEvent::Ignored {
                namespace: namespace.into()
            }
        );
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_hostile_message_never_panics_and_a_note_never_leaves(
        key in prop::sample::select(vec![
            "id", "content", "content_type", "type", "conversation_id", "person_type", "person_id",
            "person", "created_at", "media", "remote_id", "url", "who",
        ]),
        value in any_json(),
    ) {
        let mut data = base();
        data[key] = value;
        let _ = read(&data);
        data["internal"] = json!(true);
        if let Ok(read) = read(&data) {
            prop_assert!(!matches!(read.body, DeskBody::Agent { .. }), "a note left the desk");
        }
        let _ = event(&json!({ "namespace": "messages.create", "data": data }), "conversation-686949", OWN);
    }
}
