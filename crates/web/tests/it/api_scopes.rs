//! What a limited key may and may not do.

use crate::api::{Beside, fresh_key};
use crate::edge::{ask, http};
use adapters::store::NewApiKey;
use domain::api_key::{Scope, Scopes};
use domain::ids::ChannelId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

async fn key(
    bot: &Beside,
    name: &str,
    scopes: &[Scope],
    channels: Option<Vec<ChannelId>>,
) -> String {
    let new = NewApiKey {
        scopes: Scopes::of(scopes.iter().copied()),
        channels,
        ..NewApiKey::unlimited(name, Sha256::digest(name.as_bytes()).to_vec(), "rlv_")
    };
    let store = bot.edge.store.tenant(bot.edge.tenant);
    store.api_keys().insert(new).await.unwrap();
    name.to_owned()
}

async fn call(
    bot: &Beside,
    key: &str,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    let request = http()
        .request(method.clone(), bot.url(path))
        .bearer_auth(key)
        .header("idempotency-key", fresh_key());
    let request = if method == Method::POST {
        request.json(&body)
    } else {
        request
    };
    ask(request).await
}

#[actix_web::test]
async fn a_key_makes_only_the_calls_of_its_scopes() {
    let bot = Beside::new().await;
    let said = bot.on_line(json!({"id": "m-1", "text": "hola", "author": "contact"}));
    bot.post("/messages", said.clone()).await;
    let line = bot.line.id;
    let control = format!("/control?channel={line}&contact=visitor-81");
    let routes = [
        (Method::GET, control.as_str(), Scope::Read),
        (Method::GET, "/conversations/x", Scope::Read),
        (Method::GET, "/conversations/x/messages", Scope::Read),
        (Method::GET, "/handoffs/x", Scope::Read),
        (Method::GET, "/files/x", Scope::Read),
        (Method::POST, "/handoffs", Scope::Handoffs),
        (Method::POST, "/handoffs/x/end", Scope::Handoffs),
        (Method::POST, "/messages", Scope::Messages),
        (Method::POST, "/contacts", Scope::Messages),
    ];
    for scope in Scope::ALL {
        let key = key(&bot, scope.name(), &[scope], None).await;
        for (method, path, needs) in &routes {
            let (status, answer) = call(&bot, &key, method.clone(), path, json!({})).await;
            let refused = status == 403 && answer["code"] == "out_of_scope";
            assert_eq!(
                refused,
                scope != *needs,
                "{} {method} {path}: {answer}",
                scope.name()
            );
        }
    }
}

#[actix_web::test]
async fn to_a_key_of_one_channel_the_others_do_not_exist() {
    let bot = Beside::new().await;
    let wanted = bot.on_line(json!({"notice": ""}));
    let (status, answer) = bot.post("/handoffs", wanted.clone()).await;
    assert_eq!(status, 201, "{answer}");
    let handoff = answer["handoff"]["id"].as_str().unwrap().to_owned();
    let conversation = answer["handoff"]["conversation"]
        .as_str()
        .unwrap()
        .to_owned();
    let own = key(&bot, "own", &Scope::ALL, Some(vec![bot.line.id])).await;
    let other = key(
        &bot,
        "other",
        &Scope::ALL,
        Some(vec![ChannelId(Uuid::now_v7())]),
    )
    .await;
    let control = format!("/control?channel={}&contact=visitor-81", bot.line.id);
    let reads = [
        control,
        format!("/handoffs/{handoff}"),
        format!("/conversations/{conversation}"),
        format!("/conversations/{conversation}/messages"),
    ];
    for path in &reads {
        assert_eq!(
            call(&bot, &own, Method::GET, path, json!({})).await.0,
            200,
            "{path}"
        );
        assert_eq!(
            call(&bot, &other, Method::GET, path, json!({})).await.0,
            404,
            "{path}"
        );
    }
    let end = format!("/handoffs/{handoff}/end");
    for (path, body) in [
        ("/handoffs", wanted),
        (end.as_str(), json!({})),
        ("/handoffs", json!({"conversation": conversation})),
    ] {
        assert_eq!(
            call(&bot, &other, Method::POST, path, body).await.0,
            404,
            "{path}"
        );
    }
    assert_eq!(call(&bot, &own, Method::POST, &end, json!({})).await.0, 200);
}

#[actix_web::test]
async fn a_suspended_companys_keys_are_refused() {
    let bot = Beside::new().await;
    let store = bot.edge.store.tenant(bot.edge.tenant);
    store.suspend("Falta el pago").await.unwrap();
    let (status, answer) = bot.get("/handoffs/x").await;
    assert_eq!(
        (status.as_u16(), answer["code"].as_str()),
        (403, Some("suspended"))
    );
}
