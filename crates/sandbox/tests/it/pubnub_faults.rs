//! What the network may do to messages, answers and connections.

use std::time::{Duration, Instant};

use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::pubnub::{Publication, SettingsPatch};
use serde_json::{Value, json};

use crate::pubnub_support::{publish, ready, subscribe};
use crate::support::{ask, http};

#[tokio::test]
async fn the_plan_can_drop_double_and_reorder_messages() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let faults = &sandbox.core.faults;
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    let rule = |action| FaultRule::new(FaultService::PubNub, action);
    faults.add(rule(Action::Drop).times(1).body("lost"));
    publish(&sandbox, &keys, "a", json!("lost")).await;
    publish(&sandbox, &keys, "a", json!("kept")).await;
    assert_eq!(reader.take(1).await[0]["d"], "kept");
    faults.clear();
    faults.add(
        rule(Action::Duplicate {
            copies: 3,
            fresh: false,
        })
        .times(1),
    );
    publish(&sandbox, &keys, "a", json!("thrice")).await;
    let got = reader.take(3).await;
    assert_eq!(got.len(), 3);
    assert_eq!(got[0]["p"], got[2]["p"]);
    faults.clear();
    faults.add(
        rule(Action::Duplicate {
            copies: 2,
            fresh: true,
        })
        .times(1),
    );
    publish(&sandbox, &keys, "a", json!("anew")).await;
    let got = reader.take(2).await;
    assert_ne!(got[0]["p"], got[1]["p"]);
    faults.clear();
    faults.add(rule(Action::Reorder { window: 3 }).times(4));
    let network = &sandbox.services.pubnub;
    let keyset = network.keyset(&keys.subscribe_key).unwrap();
    for number in 0..4 {
        let publication = Publication {
            channel: "a".to_owned(),
            payload: json!(number),
            ..Publication::default()
        };
        network.publish(&keyset, publication);
    }
    let got: Vec<Value> = reader
        .take(4)
        .await
        .iter()
        .map(|it| it["d"].clone())
        .collect();
    assert_eq!(
        got,
        [json!(2), json!(1), json!(0), json!(3)],
        "the last after a moment"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn faults_of_answers_leave_the_cursor_usable() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    publish(&sandbox, &keys, "a", json!("safe")).await;
    for status in [403, 500, 429] {
        let action = Action::Status {
            status,
            headers: Default::default(),
            body: String::new(),
            pad_to: 0,
            after: true,
        };
        sandbox.core.faults.add(
            FaultRule::new(FaultService::PubNub, action)
                .times(1)
                .path("/v2/subscribe"),
        );
        assert_eq!(reader.poll().await.unwrap_err().as_u16(), status);
    }
    assert_eq!(reader.poll().await.unwrap()[0]["d"], "safe");
    sandbox.stop().await;
}

#[tokio::test]
async fn many_polls_wait_side_by_side_and_can_be_cut_at_once() {
    // Client and server share this process: two descriptors for each poll, below the usual 1,024.
    const MANY: usize = 400;
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let keyset = sandbox.services.pubnub.keyset(&keys.subscribe_key).unwrap();
    let client = http();
    let begin = keyset.publish(Default::default());
    let url = |number: usize| {
        format!(
            "{}/v2/subscribe/{}/c{number}/0?tt={begin}",
            sandbox.urls.pubnub, keys.subscribe_key
        )
    };
    let polls: Vec<_> = (0..MANY)
        .map(|number| tokio::spawn(client.get(url(number)).send()))
        .collect();
    let begun = Instant::now();
    while keyset.open_polls() < MANY {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{} open",
            keyset.open_polls()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    publish(&sandbox, &keys, "c7", json!("seven")).await;
    while keyset.open_polls() == MANY {
        tokio::task::yield_now().await;
    }
    assert_eq!(keyset.open_polls(), MANY - 1, "only one poll was woken");
    let (status, _) = ask(http().post(format!("{}/pubnub/cut", sandbox.urls.console))).await;
    assert_eq!(status, 204);
    let mut answered = 0;
    for poll in polls {
        answered += usize::from(poll.await.unwrap().is_ok());
    }
    assert_eq!(answered, 1);
    assert_eq!(keyset.open_polls(), 0);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_poll_whose_caller_went_away_is_forgotten() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let keyset = sandbox.services.pubnub.keyset(&keys.subscribe_key).unwrap();
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    let gone = tokio::time::timeout(Duration::from_millis(100), reader.poll()).await;
    assert!(gone.is_err());
    let begun = Instant::now();
    while keyset.open_polls() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "still waiting");
        tokio::task::yield_now().await;
    }
    sandbox.stop().await;
}
