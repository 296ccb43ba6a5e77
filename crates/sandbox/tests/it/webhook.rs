//! Webhooks under way: retries, duplicates, batches, order.

use std::collections::HashSet;
use std::time::Instant;

use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::ledger::Service;
use sandbox::phone::Kind;
use serde_json::{Value, json};

use crate::receiver::{Hook, connected};
use crate::support::{PATIENCE, start};

fn wamids(hooks: &[Hook]) -> Vec<String> {
    hooks
        .iter()
        .flat_map(Hook::items)
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn a_refused_webhook_comes_again_until_it_is_taken() {
    let sandbox = start().await;
    let (account, receiver) = connected(&sandbox, Kind::Whatsapp, json!({})).await;
    sandbox.services.graph.hooks.set_retry_scale(0.001);
    receiver.answers(&[(500, ""), (204, ""), (401, "")]);
    let id = account["id"].as_str().unwrap();
    sandbox
        .services
        .phone
        .say(Kind::Whatsapp, id, "5491100000001", "hola")
        .unwrap();
    let hooks = receiver.until(|hooks| hooks.len() == 4).await;
    assert!(hooks.windows(2).all(|pair| pair[0].raw == pair[1].raw));
    let row = sandbox
        .core
        .ledger
        .wait_for(Service::Webhook, 0, PATIENCE, |row| {
            row.raw.get().contains("\"status\":200")
        })
        .await
        .unwrap();
    assert!(row.raw.get().contains("\"try\":4"));
}

#[actix_web::test]
async fn the_fault_plan_repeats_reorders_and_loses_webhooks() {
    let sandbox = start().await;
    let (account, receiver) = connected(&sandbox, Kind::Whatsapp, json!({})).await;
    let id = account["id"].as_str().unwrap();
    let say = |text: &str| {
        sandbox
            .services
            .phone
            .say(Kind::Whatsapp, id, "5491100000001", text)
            .unwrap()
    };
    let rule = |action| FaultRule::new(FaultService::Webhook, action);
    let faults = &sandbox.core.faults;
    faults.add(
        rule(Action::Duplicate {
            copies: 3,
            fresh: false,
        })
        .times(1),
    );
    let repeated = say("tres veces");
    receiver.until(|hooks| hooks.len() == 3).await;
    assert_eq!(
        wamids(&receiver.all()),
        [repeated.clone(), repeated.clone(), repeated]
    );
    faults.add(rule(Action::Drop).times(1));
    say("perdido");
    sandbox
        .core
        .ledger
        .wait_for(Service::Webhook, 0, PATIENCE, |row| {
            row.kind == "webhook_dropped"
        })
        .await
        .unwrap();
    faults.add(rule(Action::Reorder { window: 2 }).times(2));
    let (first, second) = (say("uno"), say("dos"));
    let hooks = receiver.until(|hooks| hooks.len() == 5).await;
    let last: HashSet<String> = wamids(&hooks[3..]).into_iter().collect();
    assert_eq!(last, HashSet::from([first, second]));
}

#[actix_web::test]
async fn entries_can_come_in_batches_of_one_app() {
    let sandbox = start().await;
    let (account, receiver) = connected(&sandbox, Kind::Whatsapp, json!({})).await;
    let app = account["app_id"].as_str().unwrap();
    let second = sandbox.services.graph.create(
        Kind::Whatsapp,
        serde_json::from_value(json!({"app_id": app, "subscribed": true})).unwrap(),
    );
    sandbox.services.graph.registry.change_app(app, |app| {
        app.writing.batch = 10;
        app.writing.linger_ms = 5000;
    });
    for n in 0..10 {
        let line = if n % 2 == 0 { &account } else { &second };
        let id = line["id"].as_str().unwrap();
        sandbox
            .services
            .phone
            .say(Kind::Whatsapp, id, "5491100000001", &n.to_string())
            .unwrap();
    }
    let hooks = receiver.until(|hooks| !hooks.is_empty()).await;
    let entries = hooks[0].body["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 10);
    let tenants: HashSet<&Value> = entries.iter().map(|entry| &entry["id"]).collect();
    assert_eq!(tenants.len(), 2);
}

#[actix_web::test]
async fn a_page_app_that_fails_for_an_hour_is_unsubscribed() {
    let sandbox = start().await;
    let (account, receiver) = connected(&sandbox, Kind::Messenger, json!({})).await;
    sandbox.services.graph.hooks.set_retry_scale(0.001);
    receiver.answers(&[(500, ""); 40]);
    let id = account["id"].as_str().unwrap();
    sandbox
        .services
        .phone
        .say(Kind::Messenger, id, "5000000000000001", "hola")
        .unwrap();
    sandbox
        .core
        .ledger
        .wait_for(Service::Webhook, 0, PATIENCE, |row| {
            row.kind == "app_unsubscribed"
        })
        .await
        .unwrap();
    let line = sandbox
        .services
        .graph
        .registry
        .line(Kind::Messenger, id)
        .unwrap();
    assert!(line.installed.is_empty());
}

#[actix_web::test]
async fn two_thousand_webhooks_arrive_once_each_and_quickly() {
    let sandbox = start().await;
    let (account, receiver) = connected(&sandbox, Kind::Whatsapp, json!({})).await;
    let id = account["id"].as_str().unwrap();
    let started = Instant::now();
    for n in 0..2000 {
        let contact = format!("54911{:08}", n % 100);
        sandbox
            .services
            .phone
            .say(Kind::Whatsapp, id, &contact, "hola")
            .unwrap();
    }
    let handed_over = started.elapsed();
    let hooks = receiver.until(|hooks| hooks.len() >= 2000).await;
    let all = started.elapsed();
    let different: HashSet<String> = wamids(&hooks).into_iter().collect();
    assert_eq!((hooks.len(), different.len()), (2000, 2000));
    println!("handed over in {handed_over:?}, all arrived after {all:?}");
}
