//! Channel groups, Access Manager, presence.

use sandbox::pubnub::{Grant, SettingsPatch};
use serde_json::json;

use crate::pubnub_support::{history_url, publish, ready, subscribe};
use crate::support::{ask, http};

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
