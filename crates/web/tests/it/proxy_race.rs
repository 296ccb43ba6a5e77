//! The bot speaks while control changes hands.

use crate::edge::{Edge, ask, http, simulators};
use domain::conversation::Control;
use domain::message::{Author, DeliveryStatus};
use sandbox::phone::Kind;
use serde_json::json;

const ANA: &str = "6000000001";

#[actix_web::test]
async fn what_was_let_through_arrives_and_nothing_else_does() {
    let sandbox = simulators().await;
    let edge = Edge::on(&sandbox).await;
    let account = sandbox.services.telegram.create(Default::default());
    let line = edge.line(&account).await;
    let id = account["id"].as_str().unwrap();
    let phone = &sandbox.services.phone;
    phone.say(Kind::Telegram, id, ANA, "/start").unwrap();
    let url = format!(
        "{}/bot{}/sendMessage",
        edge.proxy(&line),
        account["token"].as_str().unwrap()
    );
    let say = |n: usize| {
        let request = http()
            .post(&url)
            .json(&json!({"chat_id": ANA, "text": format!("m{n}")}));
        async move { (n, ask(request).await.0.as_u16()) }
    };
    assert_eq!(say(0).await.1, 200);
    let conversation = edge.conversations().await.remove(0).conversation.id;
    let calls: Vec<_> = (1..=60).map(|n| tokio::spawn(say(n))).collect();
    let handoff = edge.hand_off(conversation);
    let (_, answers) = futures::future::join(handoff, futures::future::join_all(calls)).await;
    let mut passed = vec!["m0".to_owned()];
    for (n, status) in answers.into_iter().map(Result::unwrap) {
        match status {
            200 => passed.push(format!("m{n}")),
            403 => {}
            other => panic!("m{n}: {other}"),
        }
    }
    assert_eq!(say(99).await.1, 403);
    let shown: Vec<String> = phone
        .messages(Kind::Telegram, id, ANA)
        .into_iter()
        .filter(|m| m.from == sandbox::phone::shown::Author::Business)
        .map(|m| m.content.text.unwrap())
        .collect();
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    assert_eq!(sorted(shown), sorted(passed.clone()));
    let row = edge.conversations().await.remove(0);
    assert_eq!(row.conversation.state.control(), Control::Human);
    let stored = edge.messages(conversation).await;
    let bots: Vec<_> = stored.iter().filter(|m| m.author == Author::Bot).collect();
    assert_eq!(bots.len(), 62);
    let sent = bots.iter().filter(|m| m.status == DeliveryStatus::Sent);
    let sent: Vec<String> = sent
        .map(|m| m.content.words().unwrap().to_owned())
        .collect();
    assert_eq!(sorted(sent), sorted(passed));
    // In the order of the conversation, nothing passed after the first that was muted.
    let first_muted = bots
        .iter()
        .position(|m| m.status == DeliveryStatus::Muted)
        .unwrap();
    assert!(
        bots[first_muted..]
            .iter()
            .all(|m| m.status == DeliveryStatus::Muted)
    );
}
