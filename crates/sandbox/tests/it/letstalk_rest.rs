//! Let's Talk's REST contract.

use reqwest::multipart::{Form, Part};
use sandbox::letstalk::MemberRole;
use serde_json::{Value, json};

use crate::support::{Desk, ask, guid, http, introduce, organization, start};

#[tokio::test]
async fn the_same_address_is_the_same_client_until_its_token_is_revoked() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let (status, first) = introduce(&account, "ana@example.com").await;
    assert_eq!(status, 200);
    assert_eq!(first["person"]["type"], "Client");
    assert_eq!(first["person"]["organization_id"], account.organization_id);
    assert_eq!(first["subdomain"], account.subdomain.as_str());
    assert_eq!(first["organization_timezone_offset"], -10_800);
    let (_, second) = introduce(&account, "Ana@Example.com").await;
    assert_eq!(first["token"], second["token"]);
    assert_eq!(first["person"]["id"], second["person"]["id"]);
    let desk = Desk::new(&account, first["token"].as_str().unwrap());
    let me = format!("/clients/{}", first["person"]["id"]);
    assert_eq!(desk.get(&me).await.0, 200);
    let revoke = format!(
        "{}/accounts/letstalk/{}/revoke",
        sandbox.urls.console, account.organization_id
    );
    let (_, answer) = ask(http()
        .post(revoke)
        .json(&json!({"email": "ana@example.com"})))
    .await;
    assert_eq!(answer["revoked"], 1);
    assert_eq!(desk.get(&me).await.0, 401);
    let (_, third) = introduce(&account, "ana@example.com").await;
    assert_ne!(first["token"], third["token"]);
    assert_eq!(first["person"]["id"], third["person"]["id"]);
    sandbox.stop().await;
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let other = organization(&sandbox, json!({}));
    let mixed = sandbox::letstalk::AccountView {
        consumer_token: other.consumer_token.clone(),
        ..account.clone()
    };
    assert_eq!(introduce(&mixed, "a@example.com").await.0, 401);
    let nowhere = sandbox::letstalk::AccountView {
        organization_id: 1,
        ..account.clone()
    };
    assert_eq!(introduce(&nowhere, "a@example.com").await.0, 404);
    let ana = Desk::client(&account, "ana@example.com").await;
    let conversation = ana.open(&account, "hola").await;
    let url = format!("{}/messages?conversation_id={conversation}", ana.base);
    assert_eq!(ask(http().get(&url)).await.0, 401);
    assert_eq!(
        ask(http().get(&url).basic_auth(&ana.key, Some("Y")))
            .await
            .0,
        401
    );
    assert_eq!(ask(http().get(&url).bearer_auth(&ana.key)).await.0, 401);
    let stranger = Desk::client(&other, "ana@example.com").await;
    let path = format!("/messages?conversation_id={conversation}");
    assert_eq!(stranger.get(&path).await.0, 404);
    assert_eq!(Desk::agent(&other).get(&path).await.0, 404);
    let close = format!("/conversations/{conversation}");
    assert_eq!(ana.put(&close, json!({"status": "Closed"})).await.0, 403);
    let beto = Desk::client(&account, "beto@example.com").await;
    assert_eq!(beto.get(&path).await.0, 404);
    let patch = json!({"blocked": true}).as_object().cloned().unwrap();
    sandbox
        .services
        .letstalk
        .change_settings(account.organization_id, &patch)
        .unwrap();
    assert_eq!(ana.get(&path).await.0, 403);
    assert_eq!(introduce(&account, "ana@example.com").await.0, 403);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_conversation_opens_with_its_message_and_closes_once() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let client = Desk::client(&account, "ana@example.com").await;
    let inquiry = &account.inquiries[1];
    let (status, opened) = client
        .post(
            "/conversations",
            json!({
                "issue": "Factura",
                "message": {"content": "Historial…", "content_type": "text/plain", "remote_id": guid()},
                "organization_id": account.organization_id,
                "inquiry_id": inquiry.id,
                "metadata": {"canal": "telegram"},
            }),
        )
        .await;
    assert_eq!(status, 201, "{opened}");
    assert_eq!(opened["status"], "Open");
    assert_eq!(opened["issue"], "Factura");
    assert_eq!(opened["last_message"]["content"], "Historial…");
    assert_eq!(opened["groups"][0]["id"], inquiry.group_id.unwrap());
    let id = opened["id"].as_i64().unwrap();
    let agent = Desk::agent(&account);
    let metadata = format!("/conversations/{id}/metadata");
    assert_eq!(client.get(&metadata).await.1, json!({"canal": "telegram"}));
    assert_eq!(agent.put(&metadata, json!({"n": 1})).await.0, 200);
    assert_eq!(client.post(&metadata, json!({"n": 2})).await.0, 200);
    assert_eq!(agent.get(&metadata).await.1, json!({"n": 2}));
    assert_eq!(agent.put(&metadata, json!([1])).await.0, 422);
    let groups = format!("/conversations/{id}/conversation_groups");
    let body = json!({"group_id": account.groups[0].id, "conversation_id": id, "transfer": false});
    let (status, assigned) = agent.post(&groups, body.clone()).await;
    assert_eq!(status, 201);
    assert_eq!(assigned["group"]["name"], "Ventas");
    assert_eq!(client.post(&groups, body).await.0, 403);
    let path = format!("/conversations/{id}");
    let (status, closed) = agent.put(&path, json!({"status": "Closed"})).await;
    assert_eq!(
        (status.as_u16(), &closed["status"]),
        (200, &json!("Closed"))
    );
    assert_eq!(closed["last_message"]["type"], "SYSTEM");
    assert_eq!(closed["last_message"]["content"], "closed");
    assert!(closed["closed_at"].as_str().unwrap().ends_with('Z'));
    assert!(closed["created_at"].as_str().unwrap().ends_with("+0000"));
    assert_eq!(agent.put(&path, json!({"status": "Closed"})).await.0, 200);
    assert_eq!(agent.put(&path, json!({"status": "Ajar"})).await.0, 422);
    let thread = sandbox.services.letstalk.conversation(id).unwrap();
    let closes = thread
        .messages
        .iter()
        .filter(|message| matches!(&message.content, sandbox::letstalk::Content::Text(text) if text == "closed"));
    assert_eq!(closes.count(), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn what_is_missing_or_malformed_is_refused() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let post = async |body: Value| client.post("/messages", body).await.0.as_u16();
    let good = json!({"content": "x", "content_type": "text/plain", "remote_id": guid(), "conversation_id": id});
    let without = |field: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(field);
        body
    };
    assert_eq!(post(good.clone()).await, 201);
    for field in ["content", "content_type", "conversation_id"] {
        assert_eq!(post(without(field)).await, 422, "{field}");
    }
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    assert_eq!(post(with("remote_id", json!("not-a-guid"))).await, 422);
    assert_eq!(post(with("content", json!("  "))).await, 422);
    assert_eq!(post(with("content", json!("x".repeat(70_000)))).await, 422);
    assert_eq!(post(with("conversation_id", json!(1))).await, 404);
    assert_eq!(post(with("content_type", json!("text/html"))).await, 422);
    let raw = client
        .http
        .post(format!("{}/messages", client.base))
        .basic_auth(&client.key, Some("X"))
        .header("Content-Type", "application/json")
        .body("{");
    assert_eq!(ask(raw).await.0, 400);
    assert_eq!(client.get("/messages").await.0, 422);
    assert_eq!(client.get("/nothing").await.0, 404);
    let (status, _) = client
        .post(
            "/conversations",
            json!({"organization_id": account.organization_id}),
        )
        .await;
    assert_eq!(status, 422);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_repeated_remote_id_is_two_rows_unless_the_organization_dedupes() {
    let sandbox = start().await;
    for (dedupes, rows) in [(false, 3), (true, 2)] {
        let account = organization(&sandbox, json!({"dedupe_remote_id": dedupes}));
        let client = Desk::client(&account, "ana@example.com").await;
        let id = client.open(&account, "hola").await;
        let body = json!({"content": "una vez", "content_type": "text/plain", "remote_id": guid(), "conversation_id": id});
        let (_, first) = client.post("/messages", body.clone()).await;
        let (status, second) = client.post("/messages", body).await;
        assert_eq!(status, 201);
        assert_eq!(first["id"] == second["id"], dedupes);
        let thread = sandbox.services.letstalk.conversation(id).unwrap();
        assert_eq!(thread.messages.len(), rows);
    }
    let duplicates = sandbox
        .core
        .ledger
        .count(sandbox::ledger::Service::LetsTalk, "duplicate_remote_id");
    assert_eq!(duplicates, 2);
    sandbox.stop().await;
}

#[tokio::test]
async fn messages_are_listed_newest_first_and_around_a_cursor() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "m0").await;
    for number in 1..10 {
        client.say(id, &format!("m{number}")).await;
    }
    let texts = async |query: &str| -> Vec<String> {
        let (status, rows) = client
            .get(&format!("/messages?conversation_id={id}{query}"))
            .await;
        assert_eq!(status, 200, "{rows}");
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["content"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = texts("").await;
    assert_eq!((all.len(), all[0].as_str()), (10, "m9"));
    let thread = sandbox.services.letstalk.conversation(id).unwrap();
    let third = thread.messages[3].id;
    let cursor = |kind: &str, amount: usize| {
        format!("&cursor[type]={kind}&cursor[location]={third}&cursor[amount]={amount}")
    };
    assert_eq!(texts(&cursor("some_after", 2)).await, ["m5", "m4"]);
    let second_page = cursor("some_after", 2) + "&page=2";
    assert_eq!(texts(&second_page).await, ["m7", "m6"]);
    assert_eq!(texts(&cursor("some_before", 2)).await, ["m2", "m1"]);
    let patch = json!({"some_after": "newest"})
        .as_object()
        .cloned()
        .unwrap();
    let platform = &sandbox.services.letstalk;
    platform
        .change_settings(account.organization_id, &patch)
        .unwrap();
    assert_eq!(texts(&cursor("some_after", 2)).await, ["m9", "m8"]);
    platform
        .agent_notes(account.agents[1].user_id, id, "entre nosotros")
        .unwrap();
    assert_eq!(
        texts("&cursor[amount]=1").await,
        ["m9"],
        "clients see no notes"
    );
    let (_, rows) = Desk::agent(&account)
        .get(&format!("/messages?conversation_id={id}&cursor[amount]=1"))
        .await;
    assert_eq!(rows[0]["internal"], true);
    assert_eq!(rows[0]["conversation_status"], "Open");
    assert_eq!(rows[0]["client_name"], "Ana Pérez");
    assert_eq!(rows[0]["person_type"], "User");
    let bad = format!("/messages?conversation_id={id}&cursor[type]=x&cursor[location]=1");
    assert_eq!(client.get(&bad).await.0, 422);
    sandbox.stop().await;
}

async fn attach(client: &Desk, conversation: i64, mime: &str, bytes: &[u8]) -> (u16, Value) {
    let form = Form::new()
        .text("content", "attachment")
        .text("content_type", mime.to_owned())
        .text("conversation_id", conversation.to_string())
        .text("remote_id", guid())
        .part(
            "media",
            Part::bytes(bytes.to_vec()).file_name("foto año.png"),
        );
    let request = client
        .http
        .post(format!("{}/messages", client.base))
        .basic_auth(&client.key, Some("X"))
        .multipart(form);
    let (status, answer) = ask(request).await;
    (status.as_u16(), answer)
}

#[tokio::test]
async fn an_attachment_is_kept_and_served_where_the_organization_says() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    for (field, pointer) in [
        ("media_url", "/media_url"),
        ("media.url", "/media/url"),
        ("media", "/media"),
        ("attachment.url", "/attachment/url"),
        ("file_url", "/file_url"),
        ("url", "/url"),
    ] {
        let patch = json!({"media_field": field}).as_object().cloned().unwrap();
        let platform = &sandbox.services.letstalk;
        platform
            .change_settings(account.organization_id, &patch)
            .unwrap();
        let (status, message) = attach(&client, id, "image/png", &bytes).await;
        assert_eq!(status, 201, "{message}");
        assert_eq!(message["content_type"], "image/png");
        let url = message.pointer(pointer).and_then(Value::as_str).unwrap();
        let file = http().get(url).send().await.unwrap();
        assert_eq!(file.headers()["content-type"], "image/png");
        assert_eq!(file.bytes().await.unwrap(), bytes);
    }
    for mime in ["audio/ogg", "image/webp", "text/plain", "video/3gpp"] {
        let (status, answer) = attach(&client, id, mime, b"x").await;
        assert_eq!(
            (status, &answer["errors"]["content_type"][0]),
            (422, &json!("is not allowed"))
        );
    }
    let patch = json!({"media_field": "list_only", "allowed_mime": ["image/png"]});
    let platform = &sandbox.services.letstalk;
    platform
        .change_settings(account.organization_id, patch.as_object().unwrap())
        .unwrap();
    assert_eq!(attach(&client, id, "application/pdf", b"x").await.0, 422);
    let (_, message) = attach(&client, id, "image/png", b"x").await;
    assert!(message.get("media_url").is_none());
    let (_, rows) = client
        .get(&format!("/messages?conversation_id={id}&cursor[amount]=1"))
        .await;
    assert!(rows[0]["media_url"].is_string());
    sandbox.stop().await;
}

#[tokio::test]
async fn a_list_of_actions_goes_in_as_text_and_comes_back_as_object() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let list = json!({
        "title": "¿Qué prefieres?",
        "options": {"viewType": "pill", "showItemsIcon": true},
        "items": [
            {"type": "quick-reply", "payload": {"label": "Sí", "message": "sí"}},
            {"type": "link", "payload": {"label": "Web", "url": "https://example.com"}},
        ],
    });
    let body = |content: Value| json!({"content": content, "content_type": "actionable/list", "remote_id": guid(), "conversation_id": id});
    let agent = Desk::agent(&account);
    let (status, message) = agent.post("/messages", body(json!(list.to_string()))).await;
    assert_eq!(status, 201, "{message}");
    assert_eq!(message["content"], list);
    assert_eq!(message["content_type"], "application/json");
    assert_eq!(message["who"], "user");
    assert_eq!(agent.post("/messages", body(list.clone())).await.0, 422);
    assert_eq!(agent.post("/messages", body(json!("{no"))).await.0, 422);
    let untitled = json!({"items": []}).to_string();
    assert_eq!(agent.post("/messages", body(json!(untitled))).await.0, 422);
    let mut incomplete = list;
    incomplete["items"][1]["payload"] = json!({"label": "Web"});
    let incomplete = incomplete.to_string();
    assert_eq!(
        agent.post("/messages", body(json!(incomplete))).await.0,
        422
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_closed_conversation_opens_again_or_refuses_and_a_deleted_one_is_gone() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let platform = &sandbox.services.letstalk;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let human = account.agents[1].user_id;
    platform.join(human, id, MemberRole::Member).unwrap();
    platform.close(human, id).unwrap();
    client.say(id, "¿sigues ahí?").await;
    let status = |id| platform.conversation(id).unwrap().status;
    assert_eq!(status(id), sandbox::letstalk::Status::Open);
    platform.close(human, id).unwrap();
    let patch = json!({"closed_conversation": "refuse"})
        .as_object()
        .cloned()
        .unwrap();
    platform
        .change_settings(account.organization_id, &patch)
        .unwrap();
    let body = json!({"content": "x", "content_type": "text/plain", "remote_id": guid(), "conversation_id": id});
    assert_eq!(client.post("/messages", body.clone()).await.0, 422);
    platform.delete_conversation(id).unwrap();
    assert_eq!(client.post("/messages", body).await.0, 404);
    sandbox.stop().await;
}
