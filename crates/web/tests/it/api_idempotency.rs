//! A POST happens once per key.

use crate::api::{Beside, fresh_key};
use crate::edge::{ask, http};
use serde_json::json;

#[actix_web::test]
async fn the_same_request_under_its_key_is_answered_again_and_done_once() {
    let bot = Beside::new().await;
    let key = fresh_key();
    let said = bot.on_line(json!({"author": "bot", "text": "Hola"}));
    let first = bot.post_as(&key, "/messages", said.clone()).await;
    assert_eq!(first.0, 201);
    let again = http()
        .post(bot.url("/messages"))
        .bearer_auth(&bot.key)
        .header("idempotency-key", &key)
        .json(&said)
        .send()
        .await
        .unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.status(), 201);
    assert_eq!(again.json::<serde_json::Value>().await.unwrap(), first.1);
    let conversation = bot.edge.conversations().await.remove(0).conversation.id;
    assert_eq!(bot.edge.messages(conversation).await.len(), 1);
}

#[actix_web::test]
async fn a_key_that_belongs_to_another_request_is_refused() {
    let bot = Beside::new().await;
    let key = fresh_key();
    bot.post_as(
        &key,
        "/messages",
        bot.on_line(json!({"author": "bot", "text": "a"})),
    )
    .await;
    for (path, body) in [
        (
            "/messages",
            bot.on_line(json!({"author": "bot", "text": "b"})),
        ),
        ("/contacts", bot.on_line(json!({}))),
    ] {
        let (status, answer) = bot.post_as(&key, path, body).await;
        assert_eq!(status, 422);
        assert_eq!(answer["code"], "idempotency_key_reused");
    }
}

#[actix_web::test]
async fn many_at_once_under_one_key_are_one() {
    let bot = Beside::new().await;
    let key = fresh_key();
    let said = bot.on_line(json!({"author": "bot", "text": "Hola"}));
    let calls = (0..30).map(|_| bot.post_as(&key, "/messages", said.clone()));
    let mut done = 0;
    for (status, answer) in futures::future::join_all(calls).await {
        match status.as_u16() {
            201 => done += 1,
            409 => assert_eq!(answer["code"], "in_progress"),
            other => panic!("{other} {answer}"),
        }
    }
    assert!(done >= 1);
    let conversation = bot.edge.conversations().await.remove(0).conversation.id;
    assert_eq!(bot.edge.messages(conversation).await.len(), 1);
}

#[actix_web::test]
async fn a_request_that_failed_is_tried_anew_under_its_key() {
    let bot = Beside::new().await;
    let key = fresh_key();
    let nobody = json!({"conversation": "0197c0de-7a00-7000-8000-000000000001"});
    assert_eq!(bot.post_as(&key, "/handoffs", nobody).await.0, 404);
    assert_eq!(
        bot.post_as(&key, "/handoffs", bot.on_line(json!({})))
            .await
            .0,
        201
    );
}

#[actix_web::test]
async fn keys_of_two_tenants_do_not_meet() {
    let bot = Beside::new().await;
    let key = fresh_key();
    assert_eq!(
        bot.post_as(&key, "/handoffs", bot.on_line(json!({})))
            .await
            .0,
        201
    );
    let other = bot.edge.another_tenant().await;
    let line = bot.edge.api_line(other).await;
    let token = bot.edge.api_key(other).await;
    let request = http()
        .post(bot.url("/handoffs"))
        .bearer_auth(token)
        .header("idempotency-key", &key)
        .json(&json!({"channel": line.id, "contact": "visitor-81"}));
    assert_eq!(ask(request).await.0, 201);
}

#[actix_web::test]
async fn a_post_without_a_key_is_refused() {
    let bot = Beside::new().await;
    let long = "k".repeat(256);
    for key in [None, Some(""), Some("a b"), Some("ñ"), Some(long.as_str())] {
        let mut request = http()
            .post(bot.url("/handoffs"))
            .bearer_auth(&bot.key)
            .json(&bot.on_line(json!({})));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let (status, answer) = ask(request).await;
        assert_eq!(status, 400, "{key:?}");
        assert_eq!(answer["code"], "idempotency_key_missing");
    }
    assert!(bot.edge.conversations().await.is_empty());
}
