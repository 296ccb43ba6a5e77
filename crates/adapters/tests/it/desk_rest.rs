//! Let's Talk's REST API through real HTTP.

use crate::desk_support::{World, opening};
use bytes::Bytes;
use domain::desk::{DeskBody, DeskContent, DeskEvent};
use domain::ids::{FileId, HandoffId};
use domain::message::StoredFile;
use domain::outbound::{Failure, SendError};
use domain::ports::{ClientRequest, Desk, DeskHistory, Heard};
use domain::secret::Secret;
use futures::TryStreamExt;
use sandbox::fault::{Action, FaultRule, FaultService};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn fault(world: &World, path: &str, action: Action) -> u64 {
    let rule = FaultRule::new(FaultService::LetsTalk, action).path(path);
    world.sandbox.core.faults.add(rule.times(1))
}

fn status(status: u16, headers: &[(&str, &str)], body: &str, after: bool) -> Action {
    Action::Status {
        status,
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        body: body.to_owned(),
        pad_to: 0,
        after,
    }
}

#[tokio::test]
async fn the_whole_way_of_a_conversation_works() {
    let world = World::new(json!({ "noise": false })).await;
    let key = world.key().await;
    assert_eq!(key, world.key().await, "the same client keeps its key");
    let handoff = HandoffId(id(1));
    let conversation = world.open(&key, handoff.opening_identity()).await;
    let (desk, account) = (&world.desk, &world.account);
    let said = desk
        .post_text(account, &key, conversation, "¿hay alguien?", id(2))
        .await
        .unwrap();
    let file = StoredFile {
        id: FileId(id(9)),
        mime: "audio/ogg".into(),
        name: "nota de voz.ogg".into(),
        size: 4,
        sha256: String::new(),
    };
    let bytes = Bytes::from_static(b"OggS");
    let posted = desk
        .post_file(
            account,
            &key,
            conversation,
            &file,
            "application/octet-stream",
            bytes,
            id(3),
        )
        .await
        .unwrap();
    let platform = &world.sandbox.services.letstalk;
    let answer = platform
        .agent_says(world.human(), conversation, "¡Buenas!")
        .unwrap();
    platform
        .agent_notes(world.human(), conversation, "cuidado con este")
        .unwrap();

    let all = desk
        .messages(account, &key, conversation, None, 50)
        .await
        .unwrap();
    assert_eq!(all[0].opened(handoff), Some(conversation));
    assert!(all.windows(2).all(|w| w[0].id < w[1].id), "oldest first");
    assert!(
        all.iter()
            .any(|m| m.id == said.id && m.remote_id == Some(id(2)))
    );
    assert!(
        all.iter()
            .any(|m| m.id == posted.id && m.remote_id == Some(id(3)))
    );

    let agent = &account.credentials.agent_key;
    let later = desk
        .messages(account, agent, conversation, Some(posted.id), 50)
        .await
        .unwrap();
    let words: Vec<_> = later
        .iter()
        .filter_map(|m| match &m.body {
            DeskBody::Agent {
                content: DeskContent::Text(text),
                agent,
            } => Some((m.id, text.as_str(), agent.id)),
            _ => None,
        })
        .collect();
    assert_eq!(words, [(answer, "¡Buenas!", world.human())], "and no note");
    assert!(later.iter().any(|m| m.body == DeskBody::Internal));

    let metadata = [("k".to_owned(), json!(1))].into_iter().collect();
    desk.set_metadata(account, &key, conversation, &metadata)
        .await
        .unwrap();
    let group = world.view.groups[0].id;
    desk.assign_group(account, conversation, group)
        .await
        .unwrap();
    desk.close(account, conversation).await.unwrap();
    let listed = desk
        .listed_after(account, conversation, Some(answer))
        .await
        .unwrap();
    let closed =
        |h: &Heard| matches!(h, Heard::Event(DeskEvent::Message(m)) if m.body == DeskBody::Closed);
    assert_eq!(listed.iter().filter(|e| closed(&e.heard)).count(), 1);
    world.sandbox.stop().await;
}

#[tokio::test]
async fn an_agents_file_is_opened_wherever_its_address_stands() {
    for field in [
        "media_url",
        "media.url",
        "media",
        "attachment.url",
        "file_url",
        "url",
        "list_only",
    ] {
        let world = World::new(json!({ "media_field": field })).await;
        let key = world.key().await;
        let conversation = world.open(&key, id(1)).await;
        world
            .sandbox
            .services
            .letstalk
            .agent_attaches(
                world.human(),
                conversation,
                "a.pdf",
                "application/pdf",
                Bytes::from_static(b"%PDF-1.4"),
            )
            .unwrap();
        let rows = world
            .desk
            .messages(&world.account, &key, conversation, None, 50)
            .await
            .unwrap();
        let file = rows
            .iter()
            .find_map(|m| match &m.body {
                DeskBody::Agent {
                    content: DeskContent::File(file),
                    ..
                } => Some(file),
                _ => None,
            })
            .expect(field);
        let source = file.source.as_ref().expect(field);
        let opened = world.desk.open_media(&world.account, source).await.unwrap();
        assert_eq!(opened.mime.as_deref(), Some("application/pdf"));
        let bytes: Vec<Bytes> = opened.bytes.try_collect().await.unwrap();
        assert_eq!(bytes.concat(), b"%PDF-1.4");
        world.sandbox.stop().await;
    }
}

#[tokio::test]
async fn a_long_gap_is_listed_whole_whichever_end_the_platform_begins_with() {
    for some_after in ["nearest", "newest"] {
        let world = World::new(json!({ "some_after": some_after, "noise": false })).await;
        let key = world.key().await;
        let conversation = world.open(&key, id(1)).await;
        let platform = &world.sandbox.services.letstalk;
        let first = platform
            .agent_says(world.human(), conversation, "0")
            .unwrap();
        let expected: Vec<i64> = (1..=230)
            .map(|n| {
                platform
                    .agent_says(world.human(), conversation, &n.to_string())
                    .unwrap()
            })
            .collect();
        let listed = world
            .desk
            .listed_after(&world.account, conversation, Some(first))
            .await
            .unwrap();
        let ids: Vec<i64> = listed
            .iter()
            .filter_map(|e| match &e.heard {
                Heard::Event(DeskEvent::Message(m)) => Some(m.id),
                _ => None,
            })
            .collect();
        assert_eq!(ids, expected, "{some_after}");
        world.sandbox.stop().await;
    }
}

#[tokio::test]
async fn each_answer_says_whether_to_retry_and_whether_to_look_first() {
    let world = World::new(json!({})).await;
    let key = world.key().await;
    let conversation = world.open(&key, id(1)).await;
    let post = |n: u128| {
        world
            .desk
            .post_text(&world.account, &key, conversation, "x", id(n))
    };
    let seconds = |n| Some(Duration::from_secs(n));
    let transient = |retry_after| Failure::Transient { retry_after };
    let html = "<html>nginx</html>";
    let cases: Vec<(Action, Failure, bool, Option<&str>)> = vec![
        (
            status(401, &[], "{}", false),
            Failure::Unauthorized,
            false,
            Some("401"),
        ),
        (
            status(403, &[], "{}", false),
            Failure::Unauthorized,
            false,
            Some("403"),
        ),
        (
            status(404, &[], "{}", false),
            Failure::Payload,
            false,
            Some("404"),
        ),
        (
            status(422, &[], r#"{"message":"bad"}"#, false),
            Failure::Payload,
            false,
            Some("422"),
        ),
        (
            status(302, &[("location", "http://127.0.0.1:1/")], "", false),
            transient(None),
            false,
            Some("302"),
        ),
        (
            status(503, &[("retry-after", "7")], html, true),
            transient(seconds(7)),
            true,
            Some("503"),
        ),
        (
            // The clock of the tests stands at noon.
            status(
                502,
                &[("retry-after", "Mon, 05 Jan 2026 12:00:20 GMT")],
                "",
                false,
            ),
            transient(seconds(20)),
            true,
            Some("502"),
        ),
        (
            status(408, &[], "", false),
            transient(None),
            true,
            Some("408"),
        ),
        (status(200, &[], html, true), transient(None), true, None),
        (Action::Garbage { after: true }, transient(None), true, None),
        (Action::ResetAfter, transient(None), true, None),
        (Action::ResetBefore, transient(None), true, None),
    ];
    for (n, (action, failure, ambiguous, code)) in cases.into_iter().enumerate() {
        let what = format!("{action:?}");
        fault(&world, "/messages", action);
        let error = post(100 + n as u128).await.unwrap_err();
        assert_eq!(error.failure, failure, "{what}");
        assert_eq!(error.ambiguous, ambiguous, "{what}");
        assert_eq!(error.code.as_deref(), code, "{what}");
        assert!(!error.detail.contains(key.expose()), "{what}");
    }
    fault(
        &world,
        "/messages",
        status(429, &[("retry-after", "3")], "{}", false),
    );
    let throttled = post(200).await.unwrap_err();
    assert!(
        matches!(throttled.failure, Failure::Throttled { retry_after, .. } if retry_after == seconds(3))
    );
    post(201).await.unwrap();
    world.sandbox.stop().await;
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_the_end() {
    let world = World::new(json!({})).await;
    let key = world.key().await;
    let rule = Action::Status {
        status: 200,
        headers: [].into(),
        body: "{}".into(),
        pad_to: 3 << 20,
        after: true,
    };
    fault(&world, "/conversations", rule);
    let error = world
        .desk
        .open(&world.account, &key, &opening(id(1)))
        .await
        .unwrap_err();
    assert!(error.ambiguous, "it may well be open");
    world.sandbox.stop().await;
}

#[tokio::test]
async fn nobody_listening_is_a_clear_failure() {
    let mut world = World::new(json!({})).await;
    world.account.settings.base_url = "http://127.0.0.1:1".into();
    let error = world
        .desk
        .post_text(&world.account, &Secret::new("key"), 1, "x", id(1))
        .await
        .unwrap_err();
    assert_eq!(error.failure, Failure::Transient { retry_after: None });
    assert!(!error.ambiguous);
    world.sandbox.stop().await;
}

#[tokio::test]
async fn wrong_consumer_keys_and_revoked_tokens_are_unauthorized() {
    let mut world = World::new(json!({})).await;
    let key = world.key().await;
    let conversation = world.open(&key, id(1)).await;
    world
        .sandbox
        .services
        .letstalk
        .revoke_clients(world.view.organization_id);
    let refused = |error: SendError| assert_eq!(error.failure, Failure::Unauthorized);
    refused(
        world
            .desk
            .post_text(&world.account, &key, conversation, "x", id(2))
            .await
            .unwrap_err(),
    );
    let anew = world.key().await;
    assert_ne!(key, anew, "create/get hands out a new one");
    world
        .desk
        .post_text(&world.account, &anew, conversation, "x", id(2))
        .await
        .unwrap();
    world.account.credentials.consumer_token = Secret::new("nonsense");
    let who = ClientRequest {
        email: "a@b.invalid".into(),
        name: "A".into(),
    };
    refused(world.desk.client(&world.account, &who).await.unwrap_err());
    world.sandbox.stop().await;
}
