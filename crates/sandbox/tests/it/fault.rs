//! The fault plan as a client sees it.

use std::time::{Duration, Instant};

use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;
use serde_json::json;

use crate::support::{Desk, ask, http, organization, start};

async fn ready() -> (sandbox::Sandbox, Desk, i64) {
    let sandbox = start().await;
    let account = organization(&sandbox, json!({}));
    let desk = Desk::client(&account, "ana@example.com").await;
    let conversation = desk.open(&account, "hola").await;
    (sandbox, desk, conversation)
}

fn message(conversation: i64, text: &str) -> serde_json::Value {
    json!({
        "content": text,
        "content_type": "text/plain",
        "remote_id": crate::support::guid(),
        "conversation_id": conversation,
    })
}

async fn send(desk: &Desk, conversation: i64, text: &str) -> reqwest::Result<reqwest::Response> {
    desk.http
        .post(format!("{}/messages", desk.base))
        .basic_auth(&desk.key, Some("X"))
        .json(&message(conversation, text))
        .send()
        .await
}

fn stored(sandbox: &sandbox::Sandbox, text: &str) -> usize {
    let rows = sandbox.core.ledger.rows(Service::LetsTalk, 0, usize::MAX);
    rows.iter()
        .filter(|row| row.kind == "message_stored" && row.text.as_deref() == Some(text))
        .count()
}

#[tokio::test]
async fn a_reset_before_leaves_nothing_and_answers_nothing() {
    let (sandbox, desk, conversation) = ready().await;
    let rule = FaultRule::new(FaultService::LetsTalk, Action::ResetBefore).times(1);
    let id = sandbox.core.faults.add(rule);
    let error = send(&desk, conversation, "uno").await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(stored(&sandbox, "uno"), 0);
    assert_eq!(sandbox.core.faults.hits(id), 1);
    assert_eq!(
        send(&desk, conversation, "uno").await.unwrap().status(),
        201
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_reset_after_carries_out_the_request_and_answers_nothing() {
    let (sandbox, desk, conversation) = ready().await;
    let rule = FaultRule::new(FaultService::LetsTalk, Action::ResetAfter).times(1);
    sandbox.core.faults.add(rule.path("/messages"));
    let error = send(&desk, conversation, "dos").await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(stored(&sandbox, "dos"), 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_planned_status_comes_with_its_headers_and_body() {
    let (sandbox, desk, conversation) = ready().await;
    let console = &sandbox.urls.console;
    let (status, answer) = ask(http().post(format!("{console}/faults")).json(&json!({
        "service": "letstalk",
        "match": {"method": "POST", "path_contains": "/messages", "body_contains": "tres"},
        "action": {"kind": "status", "status": 429, "headers": {"Retry-After": "3"}, "body": "slow down"},
        "times": 1,
    })))
    .await;
    assert_eq!(status, 201);
    assert_eq!(
        send(&desk, conversation, "otro").await.unwrap().status(),
        201
    );
    let refused = send(&desk, conversation, "tres").await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["Retry-After"], "3");
    assert_eq!(refused.text().await.unwrap(), "slow down");
    let (_, plan) = ask(http().get(format!("{console}/faults"))).await;
    assert_eq!(plan[0]["hits"], 1);
    let one = format!("{console}/faults/{}", answer["id"]);
    assert_eq!(http().delete(&one).send().await.unwrap().status(), 204);
    assert_eq!(http().delete(&one).send().await.unwrap().status(), 404);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_hang_ends_without_an_answer_and_a_delay_with_one() {
    let (sandbox, desk, conversation) = ready().await;
    let faults = &sandbox.core.faults;
    faults.add(FaultRule::new(FaultService::LetsTalk, Action::Hang { ms: 150 }).times(1));
    let begun = Instant::now();
    assert!(send(&desk, conversation, "a").await.is_err());
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(stored(&sandbox, "a"), 0);
    faults.clear();
    faults.add(FaultRule::new(FaultService::LetsTalk, Action::Delay { ms: 150 }).times(1));
    let begun = Instant::now();
    assert_eq!(send(&desk, conversation, "b").await.unwrap().status(), 201);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    sandbox.stop().await;
}

#[tokio::test]
async fn garbage_is_no_json_and_a_padded_answer_is_as_long_as_planned() {
    let (sandbox, desk, conversation) = ready().await;
    let faults = &sandbox.core.faults;
    faults.add(FaultRule::new(FaultService::LetsTalk, Action::Garbage { after: true }).times(1));
    let bytes = send(&desk, conversation, "g")
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&bytes).is_err());
    assert_eq!(stored(&sandbox, "g"), 1);
    faults.clear();
    let long = Action::Status {
        status: 200,
        headers: Default::default(),
        body: "{}".to_owned(),
        pad_to: 3_000_000,
        after: false,
    };
    faults.add(FaultRule::new(FaultService::LetsTalk, long).times(1));
    let bytes = send(&desk, conversation, "p")
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(bytes.len(), 3_000_000);
    faults.clear();
    faults.add(FaultRule::new(FaultService::LetsTalk, Action::Slow { ms_per_byte: 1 }).times(1));
    let begun = Instant::now();
    let bytes = send(&desk, conversation, "s")
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(bytes.len() as u64));
    sandbox.stop().await;
}

#[tokio::test]
async fn dice_with_the_same_seed_fall_the_same_way() {
    let (sandbox, desk, conversation) = ready().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let action = Action::Status {
            status: 503,
            headers: Default::default(),
            body: String::new(),
            pad_to: 0,
            after: false,
        };
        let rule = FaultRule::new(FaultService::LetsTalk, action).chance(0.5, 7);
        let id = sandbox.core.faults.add(rule);
        let mut falls = Vec::new();
        for number in 0..20 {
            let answer = send(&desk, conversation, &format!("n{number}"))
                .await
                .unwrap();
            falls.push(answer.status().as_u16());
        }
        sandbox.core.faults.remove(id);
        runs.push(falls);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&503) && runs[0].contains(&201));
    sandbox.stop().await;
}

#[tokio::test]
async fn the_ledger_pages_and_counts() {
    let (sandbox, desk, conversation) = ready().await;
    for number in 0..5 {
        desk.say(conversation, &format!("m{number}")).await;
    }
    let console = &sandbox.urls.console;
    let (_, rows) = ask(http().get(format!("{console}/ledger/letstalk?after=2&limit=3"))).await;
    let seqs: Vec<u64> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, [3, 4, 5]);
    let (_, counts) = ask(http().get(format!("{console}/ledger/letstalk/summary"))).await;
    assert_eq!(counts["message_stored"], 6);
    let (_, all) = ask(http().get(format!("{console}/ledger/letstalk"))).await;
    let hola = all
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["text"] == "hola")
        .unwrap();
    assert_eq!(
        hola["text_hash"],
        "b221d9dbb083a7f33428d7c2a3c3198ae925614d70210e28716ccaa7cd4ddb79"
    );
    sandbox.stop().await;
}
