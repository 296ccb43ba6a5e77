//! Short ways to a keyset, to publish and to subscribe.

use sandbox::Sandbox;
use sandbox::pubnub::{KeysetRequest, KeysetView, Publication, SettingsPatch};
use serde_json::{Value, json};

use crate::support::{Subscriber, ask, http, start};

pub async fn ready(settings: SettingsPatch) -> (Sandbox, KeysetView) {
    let sandbox = start().await;
    let keys = sandbox.services.pubnub.create_keyset(KeysetRequest {
        settings,
        ..KeysetRequest::default()
    });
    (sandbox, keys)
}

pub fn publish_url(sandbox: &Sandbox, keys: &KeysetView, channel: &str) -> String {
    format!(
        "{}/publish/{}/{}/0/{channel}/0",
        sandbox.urls.pubnub, keys.publish_key, keys.subscribe_key
    )
}

pub async fn publish(sandbox: &Sandbox, keys: &KeysetView, channel: &str, body: Value) -> String {
    let (status, answer) = ask(http().post(publish_url(sandbox, keys, channel)).json(&body)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer[1], "Sent");
    answer[2].as_str().unwrap().to_owned()
}

/// Publishes the numbers from 0 on channel `a` without HTTP; answers their timetokens.
pub fn publish_many(sandbox: &Sandbox, keys: &KeysetView, count: u32) -> Vec<String> {
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

pub async fn subscribe(
    sandbox: &Sandbox,
    keys: &KeysetView,
    channels: &str,
    query: &[(&str, &str)],
) -> Subscriber {
    Subscriber::new(&sandbox.urls.pubnub, &keys.subscribe_key, channels, query).await
}

pub fn history_url(sandbox: &Sandbox, keys: &KeysetView, channels: &str) -> String {
    format!(
        "{}/v3/history/sub-key/{}/channel/{channels}",
        sandbox.urls.pubnub, keys.subscribe_key
    )
}
