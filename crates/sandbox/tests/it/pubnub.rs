//! PubNub's REST protocol.

use std::time::{Duration, Instant};

use sandbox::Sandbox;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::pubnub::{Grant, KeysetRequest, KeysetView, Publication, SettingsPatch};
use serde_json::{Value, json};

use crate::support::{Subscriber, ask, http, start};

async fn ready(settings: SettingsPatch) -> (Sandbox, KeysetView) {
    let sandbox = start().await;
    let keys = sandbox.services.pubnub.create_keyset(KeysetRequest {
        settings,
        ..KeysetRequest::default()
    });
    (sandbox, keys)
}

fn publish_url(sandbox: &Sandbox, keys: &KeysetView, channel: &str) -> String {
    format!(
        "{}/publish/{}/{}/0/{channel}/0",
        sandbox.urls.pubnub, keys.publish_key, keys.subscribe_key
    )
}

async fn publish(sandbox: &Sandbox, keys: &KeysetView, channel: &str, body: Value) -> String {
    let (status, answer) = ask(http().post(publish_url(sandbox, keys, channel)).json(&body)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer[1], "Sent");
    answer[2].as_str().unwrap().to_owned()
}

/// Publishes the numbers from 0 on channel `a` without HTTP; answers their timetokens.
fn publish_many(sandbox: &Sandbox, keys: &KeysetView, count: u32) -> Vec<String> {
    let keyset = sandbox.services.pubnub.keyset(&keys.subscribe_key).unwrap();
    let publish = |number| {
        keyset.publish(Publication {
            channel: "a".to_owned(),
            payload: json!(number),
            ..Publication::default()
        })
    };
    (0..count)
        .map(|number| publish(number).to_string())
        .collect()
}

async fn subscribe(
    sandbox: &Sandbox,
    keys: &KeysetView,
    channels: &str,
    query: &[(&str, &str)],
) -> Subscriber {
    Subscriber::new(&sandbox.urls.pubnub, &keys.subscribe_key, channels, query).await
}

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

fn history_url(sandbox: &Sandbox, keys: &KeysetView, channels: &str) -> String {
    format!(
        "{}/v3/history/sub-key/{}/channel/{channels}",
        sandbox.urls.pubnub, keys.subscribe_key
    )
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
async fn a_group_delivers_its_channels_under_its_own_name() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let registry = format!(
        "{}/v1/channel-registration/sub-key/{}/channel-group",
        sandbox.urls.pubnub, keys.subscribe_key
    );
    let (_, done) = ask(http().get(format!("{registry}/g?add=c1,c2"))).await;
    assert_eq!(done["service"], "channel-registry");
    let mut reader = subscribe(&sandbox, &keys, ",", &[("channel-group", "g")]).await;
    publish(&sandbox, &keys, "c1", json!(1)).await;
    let got = reader.poll().await.unwrap();
    assert_eq!((&got[0]["c"], &got[0]["b"]), (&json!("c1"), &json!("g")));
    // Asked for as channel and by group: once, as the channel.
    let mut both = subscribe(&sandbox, &keys, "c2", &[("channel-group", "g")]).await;
    publish(&sandbox, &keys, "c2", json!(2)).await;
    let got = both.poll().await.unwrap();
    assert_eq!((got.len(), &got[0]["b"]), (1, &json!("c2")));
    assert_eq!(reader.poll().await.unwrap()[0]["d"], 2);
    ask(http().get(format!("{registry}/g?remove=c2"))).await;
    let (_, list) = ask(http().get(format!("{registry}/g"))).await;
    assert_eq!(list["payload"], json!({"channels": ["c1"], "group": "g"}));
    let (_, all) = ask(http().get(&registry)).await;
    assert_eq!(all["payload"]["groups"], json!(["g"]));
    ask(http().get(format!("{registry}/g/remove"))).await;
    assert_eq!(
        reader.poll().await.unwrap_err(),
        400,
        "the group is empty now"
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn an_empty_group_is_refused_in_pubnubs_words() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let url = format!(
        "{}/v2/subscribe/{}/a/0",
        sandbox.urls.pubnub, keys.subscribe_key
    );
    let query = [("tt", "0"), ("channel-group", "nobody")];
    let (status, answer) = ask(http().get(&url).query(&query)).await;
    assert_eq!(status, 400);
    assert_eq!(
        answer["message"],
        "Channel group or groups result in empty subscription set"
    );
    let keyset = sandbox.services.pubnub.keyset(&keys.subscribe_key).unwrap();
    keyset.change_settings(&SettingsPatch {
        empty_group_refuses_channels: Some(false),
        ..SettingsPatch::default()
    });
    assert_eq!(ask(http().get(&url).query(&query)).await.0, 200);
    let wrong = format!("{}/v2/subscribe/nobody/a/0?tt=0", sandbox.urls.pubnub);
    let (status, answer) = ask(http().get(wrong)).await;
    assert_eq!(
        (status.as_u16(), &answer["message"]),
        (400, &json!("Invalid Subscribe Key"))
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn access_manager_names_what_is_forbidden() {
    let (sandbox, keys) = ready(SettingsPatch {
        access_manager: Some(true),
        ..SettingsPatch::default()
    })
    .await;
    let keyset = sandbox.services.pubnub.keyset(&keys.subscribe_key).unwrap();
    keyset.add_to_group("g", &["c1".to_owned()]);
    keyset.add_to_group("h", &["c2".to_owned()]);
    keyset.grant(
        "key",
        Grant {
            channels: ["a".to_owned()].into(),
            groups: ["g".to_owned()].into(),
        },
    );
    let base = format!(
        "{}/v2/subscribe/{}",
        sandbox.urls.pubnub, keys.subscribe_key
    );
    let allowed = format!("{base}/a,a-pnpres/0?tt=0&auth=key&channel-group=g,g-pnpres");
    assert_eq!(ask(http().get(allowed)).await.0, 200);
    let (status, answer) =
        ask(http().get(format!("{base}/a,b/0?tt=0&auth=key&channel-group=h"))).await;
    assert_eq!(status, 403);
    assert_eq!(answer["message"], "Forbidden");
    assert_eq!(
        answer["payload"],
        json!({"channels": ["b"], "channel-groups": [":h"]})
    );
    assert_eq!(ask(http().get(format!("{base}/a/0?tt=0"))).await.0, 403);
    // What a granted group holds may be read back, what another holds may not.
    let history = |channel| format!("{}?auth=key", history_url(&sandbox, &keys, channel));
    assert_eq!(ask(http().get(history("c1"))).await.0, 200);
    assert_eq!(ask(http().get(history("c2"))).await.0, 403);
    assert!(keyset.revoke("key"));
    assert_eq!(
        ask(http().get(format!("{base}/a/0?tt=0&auth=key"))).await.0,
        403
    );
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
async fn presence_tells_joins_leaves_and_timeouts() {
    let (sandbox, keys) = ready(SettingsPatch::default()).await;
    let mut watcher = subscribe(&sandbox, &keys, "a-pnpres", &[("uuid", "w")]).await;
    let _ana = subscribe(
        &sandbox,
        &keys,
        "a",
        &[("uuid", "ana"), ("heartbeat", "60")],
    )
    .await;
    let base = format!(
        "{}/v2/presence/sub-key/{}",
        sandbox.urls.pubnub, keys.subscribe_key
    );
    let beat = format!("{base}/channel/a/heartbeat?uuid=beto&heartbeat=300");
    assert_eq!(ask(http().get(beat)).await.0, 200);
    let told = watcher.take(2).await;
    assert_eq!(told[0]["d"]["action"], "join");
    assert_eq!(told[1]["d"]["occupancy"], 2);
    let (_, here) = ask(http().get(format!("{base}/channel/a"))).await;
    assert_eq!(here["uuids"], json!(["ana", "beto"]));
    let (_, all) = ask(http().get(&base)).await;
    assert_eq!(all["payload"]["total_occupancy"], 2);
    let (_, wh) = ask(http().get(format!("{base}/uuid/ana"))).await;
    assert_eq!(wh["payload"]["channels"], json!(["a"]));
    sandbox.core.clock.advance_ms(61_000);
    let (_, here) = ask(http().get(format!("{base}/channel/a"))).await;
    assert_eq!(here["uuids"], json!(["beto"]));
    ask(http().get(format!("{base}/channel/a/leave?uuid=beto"))).await;
    let told = watcher.take(2).await;
    assert_eq!(told[0]["d"]["action"], "timeout");
    assert_eq!(told[1]["d"]["action"], "leave");
    assert_eq!(told[1]["d"]["occupancy"], 0);
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
    for number in 0..4 {
        publish(&sandbox, &keys, "a", json!(number)).await;
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
async fn thousands_of_polls_wait_cheaply_and_can_be_cut_at_once() {
    const MANY: usize = 1_500;
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
