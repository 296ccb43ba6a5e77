//! The subscription through real HTTP.

use crate::desk_support::World;
use adapters::desk::realtime::Realtime;
use domain::desk::{DeskBody, DeskEvent};
use domain::ports::{Batch, DeskEvents, Heard, PollFailure, Subscription};
use sandbox::fault::{Action, FaultRule, FaultService};
use serde_json::json;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(20);

fn realtime(world: &World) -> Realtime {
    Realtime::new(&world.view.pubnub_origin).unwrap()
}

async fn next(stream: &mut Box<dyn Subscription>) -> Batch {
    tokio::time::timeout(PATIENCE, stream.next())
        .await
        .unwrap()
        .unwrap()
}

fn agent_messages(batch: &Batch) -> Vec<i64> {
    batch
        .events
        .iter()
        .filter_map(|e| match &e.heard {
            Heard::Event(DeskEvent::Message(m)) => {
                matches!(m.body, DeskBody::Agent { .. }).then_some(m.id)
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn what_is_said_while_nobody_listens_comes_with_the_stored_cursor() {
    for delivery in ["group", "plain"] {
        let world = World::new(json!({ "delivery": delivery })).await;
        let realtime = realtime(&world);
        let key = world.key().await;
        let conversation = world.open(&key, Uuid::from_u128(1)).await;
        let cursor = realtime.now(&world.account).await.unwrap();
        let platform = &world.sandbox.services.letstalk;
        let said: Vec<i64> = (0..30)
            .map(|n| {
                platform
                    .agent_says(world.human(), conversation, &n.to_string())
                    .unwrap()
            })
            .collect();
        let mut stream = realtime.subscribe(&world.account, cursor, true).unwrap();
        let mut heard = Vec::new();
        while heard.len() < said.len() {
            let batch = next(&mut stream).await;
            assert!(batch.cursor.region.is_some());
            heard.extend(agent_messages(&batch));
        }
        assert_eq!(heard, said, "{delivery}: in order, none lost");
        world.sandbox.stop().await;
    }
}

#[tokio::test]
async fn every_failed_poll_leaves_the_cursor_where_it_was() {
    let world = World::new(json!({ "noise": false })).await;
    let realtime = realtime(&world);
    let key = world.key().await;
    let conversation = world.open(&key, Uuid::from_u128(1)).await;
    let cursor = realtime.now(&world.account).await.unwrap();
    let faults = &world.sandbox.core.faults;
    let mut stream = realtime.subscribe(&world.account, cursor, true).unwrap();
    let status = |status: u16, body: &str| Action::Status {
        status,
        headers: [].into(),
        body: body.into(),
        pad_to: 0,
        after: false,
    };
    let group =
        r#"{"status":403,"error":true,"message":"Forbidden","payload":{"channel-groups":["g"]}}"#;
    let refused = |group| PollFailure::Refused { group };
    let said = world
        .sandbox
        .services
        .letstalk
        .agent_says(world.human(), conversation, "uno")
        .unwrap();
    for (action, failure) in [
        (Action::ResetBefore, PollFailure::Down),
        (Action::ResetAfter, PollFailure::Down),
        (Action::Garbage { after: false }, PollFailure::Down),
        (status(500, "<html>"), PollFailure::Down),
        (status(429, "{}"), PollFailure::Down),
        (status(200, "{}"), PollFailure::Down),
        (status(400, "{}"), PollFailure::Rejected),
        (status(401, "{}"), refused(false)),
        (status(403, "{}"), refused(false)),
        (status(403, group), refused(true)),
    ] {
        let what = format!("{action:?}");
        let rule = FaultRule::new(FaultService::PubNub, action).path("/v2/subscribe");
        faults.add(rule.times(1));
        let error = stream.next().await.unwrap_err();
        assert_eq!(error.failure, failure, "{what}");
        let auth = world.account.credentials.agent_key.expose();
        assert!(!format!("{error:?}").contains(auth), "{what}");
    }
    let mut heard = Vec::new();
    while heard.is_empty() {
        heard = agent_messages(&next(&mut stream).await);
    }
    assert_eq!(heard, [said]);
    world.sandbox.stop().await;
}

#[tokio::test]
async fn a_dropped_wait_loses_nothing() {
    let world = World::new(json!({ "noise": false, "membership_events": false })).await;
    let realtime = realtime(&world);
    let key = world.key().await;
    let conversation = world.open(&key, Uuid::from_u128(1)).await;
    let cursor = realtime.now(&world.account).await.unwrap();
    let mut stream = realtime.subscribe(&world.account, cursor, true).unwrap();
    let mut heard = HashSet::new();
    for n in 0..200 {
        let said = world
            .sandbox
            .services
            .letstalk
            .agent_says(world.human(), conversation, &n.to_string())
            .unwrap();
        // Shorter and shorter patience cuts the wait at every stage of a poll.
        let patience = Duration::from_micros(u64::from(200_u32.saturating_sub(n)) * 20);
        if let Ok(batch) = tokio::time::timeout(patience, stream.next()).await {
            heard.extend(agent_messages(&batch.unwrap()));
        }
        if n % 10 == 9 {
            while !heard.contains(&said) {
                heard.extend(agent_messages(&next(&mut stream).await));
            }
        }
    }
    assert_eq!(heard.len(), 200);
    world.sandbox.stop().await;
}

#[tokio::test]
async fn an_empty_group_fails_the_poll_and_the_plain_channels_go_on() {
    let world = World::new(json!({ "seed_group": false, "delivery": "plain" })).await;
    let realtime = realtime(&world);
    let cursor = realtime.now(&world.account).await.unwrap();
    let mut stream = realtime.subscribe(&world.account, cursor, true).unwrap();
    let error = stream.next().await.unwrap_err();
    assert_eq!(error.failure, PollFailure::Rejected);
    let key = world.key().await;
    let conversation = world.open(&key, Uuid::from_u128(1)).await;
    let said = world
        .sandbox
        .services
        .letstalk
        .agent_says(world.human(), conversation, "uno")
        .unwrap();
    let mut stream = realtime.subscribe(&world.account, cursor, false).unwrap();
    let mut heard = Vec::new();
    while heard.is_empty() {
        heard = agent_messages(&next(&mut stream).await);
    }
    assert_eq!(heard, [said]);
    world.sandbox.stop().await;
}
