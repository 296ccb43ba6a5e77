//! What the agent page asks for and does.

use serde_json::{Value, json};

use crate::support::{Desk, Subscriber, ask, http, organization, start};

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let sandbox = start().await;
    let base = &sandbox.urls.console;
    for (path, kind) in [
        ("/", "text/html"),
        ("/agent", "text/html"),
        ("/agent/app.css", "text/css"),
        ("/agent/app.js", "text/javascript"),
        ("/agent/draw.js", "text/javascript"),
    ] {
        let answer = http().get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let found = answer.headers()["content-type"].to_str().unwrap();
        assert!(found.starts_with(kind), "{path}: {found}");
    }
    let missing = http()
        .get(format!("{base}/agent/no.js"))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 404);
    sandbox.stop().await;
}

#[tokio::test]
async fn an_agent_works_through_a_conversation_on_the_page() {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let mut events = Subscriber::of(&account).await;
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "historial").await;
    client.say(id, "¿hay alguien?").await;
    let agent = account.agents[1].user_id;
    let api = format!("{}/agent/api", sandbox.urls.console);
    let list = || ask(http().get(format!("{api}/conversations?agent={agent}")));
    let act = |verb: &str, mut body: Value| {
        body["agent"] = json!(agent);
        ask(http()
            .post(format!("{api}/conversations/{id}/{verb}"))
            .json(&body))
    };
    let (_, rows) = list().await;
    assert_eq!(
        (&rows[0]["unread"], &rows[0]["mine"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(act("read", json!({})).await.0, 204);
    assert_eq!(act("messages", json!({"text": "hola"})).await.0, 201);
    assert_eq!(act("notes", json!({"text": "ojo"})).await.0, 201);
    assert_eq!(act("typing", json!({})).await.0, 204);
    let options = json!({"title": "¿?", "items": [{"type": "quick-reply", "payload": {"label": "A", "message": "a"}}]});
    assert_eq!(act("actions", json!({"list": options})).await.0, 201);
    let attach = |mime: &str| {
        http()
            .post(format!("{api}/conversations/{id}/attachments"))
            .query(&[
                ("agent", &agent.to_string()),
                ("name", &"á.png".to_owned()),
                ("mime", &mime.to_owned()),
            ])
            .body("png")
    };
    assert_eq!(ask(attach("image/png")).await.0, 201);
    let (status, refused) = ask(attach("audio/ogg")).await;
    assert_eq!(
        (status.as_u16(), &refused["errors"]["content_type"][0]),
        (422, &json!("is not allowed"))
    );
    let (_, thread) = ask(http().get(format!("{api}/conversations/{id}?agent={agent}"))).await;
    let kinds: Vec<String> = thread["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            format!("{} {} {}", line["by"], line["kind"], line["internal"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "client text false",
            "client text false",
            "me text false",
            "me text true",
            "me actions false",
            "me file false",
        ]
    );
    assert_eq!(thread["summary"]["mine"], true);
    assert_eq!(thread["summary"]["unread"], 0);
    let group = account.groups[1].id;
    assert_eq!(
        act("transfer", json!({"group_id": group, "leave": true}))
            .await
            .0,
        204
    );
    assert_eq!(act("close", json!({})).await.0, 204);
    let (_, rows) = list().await;
    assert_eq!(
        (&rows[0]["status"], &rows[0]["mine"]),
        (&json!("Closed"), &json!(false))
    );
    let seen = events
        .until(|event| {
            event["namespace"] == "conversations.update" && event["data"]["status"] == "Closed"
        })
        .await;
    let says = |event: &&Value| {
        event["namespace"] == "messages.create" && event["data"]["person_type"] == "User"
    };
    assert_eq!(
        seen.iter().filter(says).count(),
        6,
        "four messages, transfer and close"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn the_page_hears_of_changes_at_once_and_sees_only_its_organization() {
    let sandbox = start().await;
    let (account, other) = (
        organization(&sandbox, json!({})),
        organization(&sandbox, json!({})),
    );
    let api = format!("{}/agent/api", sandbox.urls.console);
    let (_, now) = ask(http().get(format!("{api}/changes?after=0"))).await;
    let waiting = tokio::spawn(ask(
        http().get(format!("{api}/changes?after={}", now["revision"]))
    ));
    let client = Desk::client(&account, "ana@example.com").await;
    let id = client.open(&account, "hola").await;
    let (_, later) = waiting.await.unwrap();
    assert!(later["revision"].as_u64() > now["revision"].as_u64());
    let stranger = other.agents[1].user_id;
    let thread = format!("{api}/conversations/{id}?agent={stranger}");
    assert_eq!(ask(http().get(thread)).await.0, 404);
    let join = http()
        .post(format!("{api}/conversations/{id}/join"))
        .json(&json!({"agent": stranger}));
    assert_eq!(ask(join).await.0, 404);
    let (_, accounts) = ask(http().get(format!("{api}/accounts"))).await;
    assert_eq!(accounts.as_array().unwrap().len(), 2);
    assert!(
        !accounts.to_string().contains(&account.consumer_token),
        "no credentials"
    );
    sandbox.stop().await;
}
