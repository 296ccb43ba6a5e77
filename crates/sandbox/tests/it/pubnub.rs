//! PubNub's REST protocol.

use std::time::{Duration, Instant};

use sandbox::pubnub::SettingsPatch;
use serde_json::json;

use crate::pubnub_support::{history_url, publish, publish_many, publish_url, ready, subscribe};
use crate::support::{Subscriber, ask, http};

#[tokio::test]
async fn a_waiting_poll_gets_what_is_published() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let mut reader = subscribe(&sandbox, &keys, "a,b", &[("uuid", "r")]).await;
    let keyset = sandbox.services.pubnub.keyset(&keys.subscribe_key).unwrap();
    let waiting = tokio::spawn(async move { (reader.poll().await.unwrap(), reader) });
    while keyset.open_polls() == 0 {
        tokio::task::yield_now().await;
    }
    // By GET the message is part of the path, whatever it contains.
    let url = publish_url(&sandbox, &keys, "b");
    let text = "%7B%22x%22%3A%22a%2Fb%20%25%20%C3%B1%22%7D";
    let (status, sent) =
        ask(http().get(format!("{url}/{text}?uuid=ana&meta=%7B%22l%22%3A1%7D"))).await;
    assert_eq!(status, 200, "{sent}");
    let (entries, mut reader) = waiting.await.unwrap();
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(entry["d"], json!({"x": "a/b % ñ"}));
    assert_eq!((&entry["c"], &entry["b"]), (&json!("b"), &json!("b")));
    assert_eq!(entry["i"], "ana");
    assert_eq!(entry["u"], json!({"l": 1}));
    assert_eq!(entry["k"], keys.subscribe_key.as_str());
    assert_eq!(entry["p"]["t"], sent[2]);
    assert_eq!(entry["p"]["t"].as_str().unwrap().len(), 17);
    assert!(entry.get("e").is_none());
    assert_eq!(keyset.open_polls(), 0);
    publish(&sandbox, &keys, "a", json!("next")).await;
    assert_eq!(reader.poll().await.unwrap()[0]["d"], "next");
    sandbox.stop().await;
}

#[tokio::test]
async fn messages_published_while_away_come_at_once_and_in_order() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    let mut times = Vec::new();
    for number in 0..30 {
        times.push(publish(&sandbox, &keys, "a", json!(number)).await);
    }
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    let got = reader.poll().await.unwrap();
    let numbers: Vec<u64> = got.iter().map(|it| it["d"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..30).collect::<Vec<_>>());
    // The same cursor gives the same answer; the new cursor gives nothing twice.
    let again = Subscriber {
        tt: times[9].clone(),
        ..subscribe(&sandbox, &keys, "a", &[]).await
    }
    .poll()
    .await
    .unwrap();
    assert_eq!(again.len(), 20);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_full_queue_loses_the_oldest() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    publish_many(&sandbox, &keys, 250);
    let got = reader.poll().await.unwrap();
    assert_eq!(got.len(), 100);
    assert_eq!(got[0]["d"], 150);
    sandbox.stop().await;
}

#[tokio::test]
async fn an_old_message_leaves_the_queue_but_not_history() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    publish(&sandbox, &keys, "a", json!("old")).await;
    sandbox.core.clock.advance_ms(21 * 60 * 1000);
    publish(&sandbox, &keys, "a", json!("new")).await;
    let got = reader.poll().await.unwrap();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0]["d"], "new");
    let (_, history) = ask(http().get(history_url(&sandbox, &keys, "a"))).await;
    assert_eq!(history["channels"]["a"].as_array().unwrap().len(), 2);
    sandbox.stop().await;
}

#[tokio::test]
async fn history_pages_backwards_and_can_be_off() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let times = publish_many(&sandbox, &keys, 130);
    let url = history_url(&sandbox, &keys, "a");
    let (_, page) = ask(http().get(&url)).await;
    let rows = page["channels"]["a"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["message"]), (100, &json!(30)));
    let start = page["more"]["start"].as_str().unwrap();
    let (_, page) = ask(http().get(format!("{url}?start={start}"))).await;
    let rows = page["channels"]["a"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[29]["message"]), (30, &json!(29)));
    assert!(page.get("more").is_none());
    let range = format!("{url}?start={}&end={}", times[10], times[5]);
    let (_, page) = ask(http().get(range)).await;
    assert_eq!(page["channels"]["a"].as_array().unwrap().len(), 5);
    let (_, several) = ask(http().get(history_url(&sandbox, &keys, "a,b"))).await;
    assert_eq!(several["channels"]["a"].as_array().unwrap().len(), 25);
    let keyset = sandbox.services.pubnub.keyset(&keys.subscribe_key).unwrap();
    keyset.change_settings(&SettingsPatch {
        persistence: Some(false),
        ..SettingsPatch::default()
    });
    let (status, refused) = ask(http().get(&url)).await;
    assert_eq!((status.as_u16(), &refused["error"]), (403, &json!(true)));
    sandbox.stop().await;
}

#[tokio::test]
async fn an_idle_poll_ends_empty_with_a_newer_cursor() {
    let (sandbox, keys) = ready(SettingsPatch {
        hold_ms: Some(120),
        ..SettingsPatch::default()
    })
    .await;
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    let before = reader.tt.clone();
    let begun = Instant::now();
    assert_eq!(reader.poll().await.unwrap().len(), 0);
    assert!(begun.elapsed() >= Duration::from_millis(120));
    assert!(reader.tt > before);
    sandbox.stop().await;
}

#[tokio::test]
async fn publish_times_can_lag_behind_the_cursor() {
    let (sandbox, keys) = ready(SettingsPatch {
        publish_skew_ms: Some(300),
        ..SettingsPatch::default()
    })
    .await;
    let mut reader = subscribe(&sandbox, &keys, "a", &[]).await;
    let sent = publish(&sandbox, &keys, "a", json!(1)).await;
    let before = reader.tt.clone();
    let got = reader.poll().await.unwrap();
    assert_eq!(got[0]["p"]["t"], sent.as_str());
    assert!(sent < before, "older than the cursor that asked for it");
    let lag = reader.tt.parse::<u64>().unwrap() - sent.parse::<u64>().unwrap();
    assert_eq!(lag, 3_000_000);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_filter_keeps_out_ones_own_messages() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let mut reader = subscribe(&sandbox, &keys, "a", &[("filter-expr", "uuid != 'me'")]).await;
    let url = publish_url(&sandbox, &keys, "a");
    ask(http().get(format!("{url}/1?uuid=me"))).await;
    ask(http().get(format!("{url}/2?uuid=you"))).await;
    let got = reader.poll().await.unwrap();
    assert_eq!((got.len(), &got[0]["d"]), (1, &json!(2)));
    sandbox.stop().await;
}

#[tokio::test]
async fn wrong_publishes_are_refused_in_pubnubs_form() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let url = publish_url(&sandbox, &keys, "a");
    let refusal = async |request| {
        let (status, answer) = ask(request).await;
        assert_eq!(answer[0], 0);
        (status.as_u16(), answer[1].as_str().unwrap().to_owned())
    };
    let bad = refusal(http().post(&url).body("{no json")).await;
    assert_eq!(bad, (400, "Invalid JSON".to_owned()));
    let large = refusal(http().post(&url).json(&json!("x".repeat(33_000)))).await;
    assert_eq!(large, (413, "Message Too Large".to_owned()));
    let key = url.replace(&keys.publish_key, "pub-c-wrong");
    assert_eq!(
        refusal(http().post(&key).json(&json!(1))).await.1,
        "Invalid Key"
    );
    let list = publish_url(&sandbox, &keys, "a,b");
    assert_eq!(
        refusal(http().post(&list).json(&json!(1))).await.1,
        "Invalid Channel"
    );
    let (_, signal) = ask(http().get(url.replace("/publish/", "/signal/") + "/%22s%22")).await;
    assert_eq!(signal[1], "Sent");
    sandbox.stop().await;
}
