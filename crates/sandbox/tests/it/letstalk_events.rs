//! What Let's Talk publishes over the simulated PubNub.

use bytes::Bytes;
use sandbox::letstalk::{AccountView, MemberRole, Refusal};
use serde_json::{Value, json};

use crate::support::{Desk, Subscriber, ask, http, organization, start};

fn is(namespace: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["namespace"] == namespace
}

fn says(text: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["namespace"] == "messages.create" && event["data"]["content"] == text
}

fn human(account: &AccountView) -> i64 {
    account.agents[1].user_id
}

#[tokio::test]
async fn an_agents_message_arrives_through_the_channel_group() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({"noise": false}));
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let entry = events.take(1).await.remove(0);
    assert_eq!(entry["c"], format!("conversation-{id}"));
    assert_eq!(entry["b"], format!("user-{}-channel", account.user_id));
    let first = &entry["d"]["data"];
    assert_eq!(first["person_type"], "Client", "our own message comes back");
    assert!(first["remote_id"].is_string());
    let platform = &sandbox.services.letstalk;
    platform
        .agent_says(human(&account), id, "¡Buenas!")
        .unwrap();
    let seen = events.until(says("¡Buenas!")).await;
    let joined = &seen[0];
    assert_eq!(joined["namespace"], "conversation_memberships.create");
    assert_eq!(joined["data"]["person_id"], human(&account));
    assert_eq!(joined["data"]["role"], "Member");
    assert_eq!(joined["data"]["conversation"]["id"], id);
    let said = &seen[1]["data"];
    assert_eq!(
        (&said["type"], &said["person_type"]),
        (&json!("NORMAL"), &json!("User"))
    );
    assert_eq!(said["person_id"], human(&account));
    assert_eq!(said["person"]["name"], "Lucía Fernández");
    assert_eq!(said["internal"], false);
    assert_eq!(said["conversation_status"], "Open");
    assert!(said["created_at"].as_str().unwrap().ends_with('Z'));
    assert!(
        seen[1]["recipients"]
            .as_array()
            .unwrap()
            .contains(&json!(account.user_id))
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_plain_organization_publishes_on_the_agents_channel() {
    let sandbox = start().await;
    let account = organization(
        &sandbox,
        json!({"delivery": "plain", "membership_events": false, "author_style": "nested", "noise": false}),
    );
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    sandbox
        .services
        .letstalk
        .agent_says(human(&account), id, "aquí")
        .unwrap();
    let got = events.take(2).await;
    let channel = format!("user-{}-channel", account.user_id);
    assert!(
        got.iter()
            .all(|entry| entry["c"] == channel.as_str() && entry["b"] == channel.as_str())
    );
    let said = &got[1]["d"]["data"];
    assert_eq!(
        said["content"], "aquí",
        "no membership event came before it"
    );
    assert!(said.get("person_id").is_none());
    assert_eq!(said["person"]["type"], "User");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_close_is_told_by_message_and_by_update() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let platform = &sandbox.services.letstalk;
    platform.close(human(&account), id).unwrap();
    let seen = events.until(is("conversations.update")).await;
    let update = &seen[seen.len() - 1]["data"];
    assert_eq!(
        (&update["id"], &update["status"]),
        (&json!(id), &json!("Closed"))
    );
    let closed = seen
        .iter()
        .rev()
        .find(|event| says("closed")(event))
        .unwrap();
    assert_eq!(closed["data"]["type"], "SYSTEM");
    for (told, expected) in [("message", (1, 0)), ("update", (0, 1))] {
        let patch = json!({"close_events": told}).as_object().cloned().unwrap();
        platform
            .change_settings(account.organization_id, &patch)
            .unwrap();
        let id = client.open(&account, "otra").await;
        platform.close(human(&account), id).unwrap();
        platform.client_says(id, "fin").unwrap();
        let seen = events.until(says("fin")).await;
        let closes = seen.iter().filter(|event| says("closed")(event)).count();
        let updates = seen.iter().filter(|event| {
            is("conversations.update")(event) && event["data"]["status"] == "Closed"
        });
        assert_eq!((closes, updates.count()), expected, "{told}");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn notes_transfers_typing_and_lists_are_told_as_what_they_are() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({"event_fields": "seen"}));
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let platform = &sandbox.services.letstalk;
    let agent = human(&account);
    platform.join(agent, id, MemberRole::Viewer).unwrap();
    platform.join(agent, id, MemberRole::Member).unwrap();
    platform.agent_types(agent, id).unwrap();
    platform.agent_notes(agent, id, "cuidado").unwrap();
    let list = json!({"title": "Opciones", "items": [{"type": "quick-reply", "payload": {"label": "A", "message": "a"}}]});
    platform.agent_offers(agent, id, list.clone()).unwrap();
    let pdf = Bytes::from_static(b"%PDF-1.4");
    platform
        .agent_attaches(agent, id, "a.pdf", "application/pdf", pdf.clone())
        .unwrap();
    let refused = platform.agent_attaches(agent, id, "a.ogg", "audio/ogg", pdf);
    assert!(matches!(refused, Err(Refusal::Invalid { .. })));
    platform
        .transfer(agent, id, account.groups[0].id, true)
        .unwrap();
    let seen = events
        .until(|event| {
            is("conversation_memberships.update")(event)
                && event["data"]["role"] == "Member"
                && event["data"]["conversation"]["last_message"]["content"] == "transferred"
        })
        .await;
    let find = |wanted: &dyn Fn(&Value) -> bool| seen.iter().find(|event| wanted(event)).unwrap();
    assert_eq!(find(&is("typing.now"))["data"]["conversation_id"], id);
    assert_eq!(find(&says("cuidado"))["data"]["internal"], true);
    let offered = find(&|event| event["data"]["content_type"] == "application/json");
    assert_eq!(offered["data"]["content"], list);
    assert!(
        offered["data"].get("remote_id").is_none(),
        "only the fields that were seen"
    );
    let file = find(&|event| event["data"]["content_type"] == "application/pdf");
    assert!(file["data"]["media_url"].is_string());
    assert_eq!(find(&says("transferred"))["data"]["type"], "SYSTEM");
    assert!(platform.conversation(id).unwrap().members.is_empty());
    sandbox.stop().await;
}

#[tokio::test]
async fn an_unseeded_group_is_empty_until_the_first_conversation() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({"seed_group": false}));
    let group = format!("user-{}-channel", account.user_id);
    let url = format!(
        "{}/v2/subscribe/{}/{group}/0?tt=0&channel-group={group}&auth={}",
        account.pubnub_origin,
        account.subscribe_key,
        account.auth_key.as_deref().unwrap()
    );
    assert_eq!(ask(http().get(&url)).await.0, 400);
    let client = Desk::client(&account, "ana@example.com").await;
    client.open(&account, "hola").await;
    assert_eq!(ask(http().get(&url)).await.0, 200);
    sandbox.stop().await;
}

#[tokio::test]
async fn one_organization_cannot_listen_to_another() {
    let sandbox = start().await;
    let (mine, other) = (
        organization(&sandbox, json!({})),
        organization(&sandbox, json!({})),
    );
    assert_eq!(
        mine.subscribe_key, other.subscribe_key,
        "one keyset for the platform"
    );
    let group = format!("user-{}-channel", other.user_id);
    let url = format!(
        "{}/v2/subscribe/{}/{group}/0?tt=0&channel-group={group}&auth={}",
        mine.pubnub_origin,
        mine.subscribe_key,
        mine.auth_key.as_deref().unwrap()
    );
    let (status, answer) = ask(http().get(&url)).await;
    assert_eq!(status, 403);
    assert_eq!(answer["payload"]["channel-groups"][0], format!(":{group}"));
    sandbox.stop().await;
}

#[tokio::test]
async fn the_agent_counts_as_online_while_it_is_subscribed() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let online = || {
        let view = sandbox.services.letstalk.account(account.organization_id);
        view.unwrap().agents[0].online
    };
    assert!(!online());
    let _events = Subscriber::of(&account).await;
    assert!(online());
    sandbox.core.clock.advance_ms(301_000);
    assert!(!online());
    sandbox.stop().await;
}

#[tokio::test]
async fn an_event_can_come_again_and_unknown_namespaces_exist() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let platform = &sandbox.services.letstalk;
    let message = platform.agent_says(human(&account), id, "una vez").unwrap();
    events.until(says("una vez")).await;
    let base = format!("{}/letstalk/conversations/{id}", sandbox.urls.console);
    let repeat = http()
        .post(format!("{base}/repeat"))
        .json(&json!({"message_id": message}));
    assert_eq!(ask(repeat).await.0, 204);
    let seen = events.until(says("una vez")).await;
    assert_eq!(seen[seen.len() - 1]["data"]["id"], message);
    let raw = http()
        .post(format!("{base}/raw-event"))
        .json(&json!({"namespace": "custom_rules.fired", "data": {"x": 1}}));
    assert_eq!(ask(raw).await.0, 204);
    events.until(is("custom_rules.fired")).await;
    let from_widget = http()
        .post(format!("{base}/client-message"))
        .json(&json!({"text": "desde la web"}));
    assert_eq!(ask(from_widget).await.0, 201);
    let seen = events.until(says("desde la web")).await;
    assert_eq!(seen[seen.len() - 1]["data"]["remote_id"], Value::Null);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_gap_in_the_subscription_can_be_filled_by_listing() {
    let sandbox = start().await;
    let account = organization(
        &sandbox,
        json!({"noise": false, "membership_events": false}),
    );
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let last = events.take(1).await[0]["d"]["data"]["id"].as_i64().unwrap();
    let platform = &sandbox.services.letstalk;
    for number in 0..150 {
        platform
            .agent_says(human(&account), id, &format!("n{number}"))
            .unwrap();
    }
    assert_eq!(
        events.poll().await.unwrap().len(),
        100,
        "the queue kept only 100"
    );
    let agent = Desk::agent(&account);
    let mut ids = Vec::new();
    for page in 1..=2 {
        let path = format!(
            "/messages?conversation_id={id}&cursor[type]=some_after&cursor[location]={last}&cursor[amount]=100&page={page}"
        );
        let (_, rows) = agent.get(&path).await;
        ids.extend(
            rows.as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_i64().unwrap()),
        );
    }
    assert_eq!(ids.len(), 150);
    sandbox.stop().await;
}

#[tokio::test]
async fn what_is_too_large_for_pubnub_is_stored_but_not_told() {
    let sandbox = start().await;
    let account = organization(
        &sandbox,
        json!({"noise": false, "membership_events": false}),
    );
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let platform = &sandbox.services.letstalk;
    platform
        .agent_says(human(&account), id, &"ñ".repeat(20_000))
        .unwrap();
    platform.agent_says(human(&account), id, "corto").unwrap();
    let seen = events.until(says("corto")).await;
    assert_eq!(seen.len(), 2, "the opening and the short one");
    assert_eq!(platform.conversation(id).unwrap().messages.len(), 3);
    let ledger = &sandbox.core.ledger;
    assert_eq!(
        ledger.count(sandbox::ledger::Service::LetsTalk, "event_too_large"),
        1
    );
    sandbox.stop().await;
}
