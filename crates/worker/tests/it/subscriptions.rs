//! Who holds a tenant, and what happens when something about it changes or breaks.

use crate::subscriptions_rig::{PATIENCE, Rig, account};
use domain::ports::{Duty, Queue, SubscriptionState};
use sandbox::letstalk::PersonRequest;
use sandbox::pubnub::SettingsPatch;
use serde_json::json;
use std::time::Duration;
use testkit::until;

async fn rig() -> Rig {
    Rig::new(json!({ "noise": false }), SettingsPatch::default()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_workers_one_holds_a_tenant_and_the_other_takes_over_when_it_dies() {
    let mut rig = rig().await;
    rig.pulse = worker::crew::Pulse::default();
    let conversation = rig.open(1).await[0];
    let first = rig.listening("first").await;
    let mut said: Vec<i64> = (0..50)
        .map(|n| rig.say(conversation, &n.to_string()))
        .collect();
    rig.until_heard(conversation, &said).await;
    assert_eq!(rig.inbox.lock().repeated, 0, "it heard each once");
    let second = rig.worker("second");
    until(PATIENCE, || async { rig.polls() == 1 }).await;
    let fence = rig.inbox.lock().fences[&rig.tenant];

    // Whichever of them holds it: both are killed, one after the other.
    first.kill().await;
    said.extend((50..80).map(|n| rig.say(conversation, &n.to_string())));
    rig.until_heard(conversation, &said).await;
    let third = rig.worker("third");
    second.kill().await;
    said.extend((80..110).map(|n| rig.say(conversation, &n.to_string())));
    rig.until_heard(conversation, &said).await;
    assert!(rig.inbox.lock().fences[&rig.tenant] > fence);
    third.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_stopped_worker_hands_over_at_once() {
    let mut rig = rig().await;
    // Nothing runs out here by itself.
    rig.pulse.ttl = Duration::from_secs(3600);
    let conversation = rig.open(1).await[0];
    let first = rig.listening("first").await;
    let second = rig.worker("second");
    first.stop().await;
    let said = rig.say(conversation, "uno");
    rig.until_heard(conversation, &[said]).await;
    let beat = rig.queue.beat("second", Duty::Working, rig.pulse.ttl);
    assert_eq!(beat.await.unwrap().members.len(), 1, "it said goodbye");
    second.stop().await;
    assert_eq!(rig.health().state, SubscriptionState::Stopped);
    rig.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tenants_are_spread_over_the_workers_that_there_are() {
    let rig = rig().await;
    for id in 100..139 {
        rig.another_tenant(id);
    }
    let all = 40;
    let first = rig.worker("first");
    until(PATIENCE, || async { rig.polls() == all }).await;
    let second = rig.worker("second");
    let third = rig.worker("third");
    let tenants: Vec<_> = rig.inbox.lock().desired.iter().map(|d| d.tenant).collect();
    let joined = || async {
        let beat = rig.queue.beat("third", Duty::Working, rig.pulse.ttl).await;
        beat.unwrap().members.len() == 3
    };
    until(PATIENCE, joined).await;
    let beat = rig.queue.beat("first", Duty::Working, rig.pulse.ttl).await;
    let three = beat.unwrap().epoch;
    let conversation = rig.open(1).await[0];
    // Whoever joins waits a moment before it takes tenants; once one of them is written to under the
    // list of three, it is in new hands.
    until(PATIENCE, || async {
        rig.say(conversation, "¿quién escucha?");
        let stored = rig.inbox.lock();
        tenants.iter().any(|t| stored.fences[t] >= three)
    })
    .await;
    let started = std::time::Instant::now();
    second.kill().await;
    third.stop().await;
    let epoch = rig.queue.beat("first", Duty::Working, rig.pulse.ttl).await;
    let epoch = epoch.unwrap().epoch;
    let said = rig.say(conversation, "¿sigue alguien?");
    // Every tenant hears it (they share a desk here), also those of the dead.
    let heard = || async { rig.inbox.heard(conversation).contains(&said) };
    until(PATIENCE, heard).await;
    let last = rig.inbox.lock().cursors.values().map(|c| c.timetoken).max();
    until(PATIENCE, || async {
        let stored = rig.inbox.lock();
        let moved = tenants.iter().filter(|t| stored.fences[t] >= epoch);
        moved.count() > 0 && stored.cursors.values().all(|c| Some(c.timetoken) >= last)
    })
    .await;
    println!("40 tenants in one hand again after {:?}", started.elapsed());
    until(PATIENCE, || async { rig.polls() == all }).await;
    first.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_worker_that_lives_keeps_its_tenant_for_longer_than_its_word_lasts() {
    let mut rig = rig().await;
    rig.pulse.ttl = Duration::from_millis(300);
    let conversation = rig.open(1).await[0];
    let worker = rig.listening("first").await;
    let said = rig.say(conversation, "uno");
    rig.until_heard(conversation, &[said]).await;
    let fence = rig.inbox.lock().fences[&rig.tenant];
    let started = std::time::Instant::now();
    until(PATIENCE, || async { started.elapsed() > rig.pulse.ttl * 4 }).await;
    let again = rig.say(conversation, "dos");
    rig.until_heard(conversation, &[said, again]).await;
    assert_eq!(rig.inbox.lock().fences[&rig.tenant], fence);
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn who_lost_a_tenant_stops_writing() {
    let rig = rig().await;
    let conversation = rig.open(1).await[0];
    let worker = rig.listening("first").await;
    // Somebody who holds it by a newer list has written meanwhile.
    rig.inbox.lock().fences.insert(rig.tenant, i64::MAX);
    rig.say(conversation, "uno");
    until(PATIENCE, || async { rig.polls() == 0 }).await;
    assert!(rig.inbox.heard(conversation).is_empty());
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_crash_is_seen_and_the_subscription_starts_again() {
    let rig = rig().await;
    let conversation = rig.open(1).await[0];
    let worker = rig.listening("w").await;
    rig.inbox.lock().panics = 2;
    let said: Vec<i64> = (0..5)
        .map(|n| rig.say(conversation, &n.to_string()))
        .collect();
    rig.until_heard(conversation, &said).await;
    assert_eq!(rig.inbox.lock().panics, 0);
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn events_wait_for_a_database_that_is_away() {
    let rig = rig().await;
    let conversation = rig.open(1).await[0];
    let worker = rig.listening("w").await;
    rig.inbox.lock().failures = 7;
    let said: Vec<i64> = (0..5)
        .map(|n| rig.say(conversation, &n.to_string()))
        .collect();
    rig.until_heard(conversation, &said).await;
    assert_eq!(rig.inbox.lock().failures, 0);
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn an_empty_group_is_dropped_and_tried_again_later() {
    let rig = Rig::new(
        json!({ "seed_group": false, "delivery": "plain", "noise": false }),
        SettingsPatch {
            hold_ms: Some(100),
            ..SettingsPatch::default()
        },
    )
    .await;
    let worker = rig.worker("w");
    let connected = |groups| {
        let rig = &rig;
        move || async move {
            let health = rig.health();
            health.state == SubscriptionState::Connected && health.groups == groups
        }
    };
    until(PATIENCE, connected(false)).await;
    let conversation = rig.open(1).await[0];
    let said = rig.say(conversation, "uno");
    rig.until_heard(conversation, &[said]).await;
    let group = format!("user-{}-channel", rig.view.user_id);
    let keyset = rig.keyset();
    keyset.add_to_group(
        &group,
        &[format!("organization-{}", rig.view.organization_id)],
    );
    until(PATIENCE, connected(true)).await;
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn refused_keys_park_the_tenant_until_they_are_changed() {
    let rig = rig().await;
    let conversation = rig.open(1).await[0];
    let good = account(&rig.view, rig.tenant);
    let mut bad = good.clone();
    bad.credentials.agent_key = domain::secret::Secret::new("revoked");
    rig.inbox.lock().accounts.insert(rig.tenant, bad);
    let worker = rig.worker("w");
    rig.until_state(SubscriptionState::Refused).await;
    assert!(
        rig.health()
            .last_error
            .is_some_and(|e| !e.contains("revoked"))
    );
    let said = rig.say(conversation, "mientras tanto");
    {
        let mut stored = rig.inbox.lock();
        stored.accounts.insert(rig.tenant, good);
        stored.desired[0].version = 2;
    }
    rig.until_heard(conversation, &[said]).await;
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_changed_desk_is_subscribed_anew_and_a_removed_one_is_left() {
    let rig = rig().await;
    let worker = rig.listening("w").await;
    let platform = &rig.sandbox.services.letstalk;
    let other = platform
        .create_agent(rig.view.organization_id, PersonRequest::default())
        .unwrap();
    let view = platform.account(rig.view.organization_id).unwrap();
    let agent = view.agents.iter().find(|a| a.user_id == other).unwrap();
    {
        let mut stored = rig.inbox.lock();
        let account = stored.accounts.get_mut(&rig.tenant).unwrap();
        account.settings.agent_user_id = other;
        account.credentials.agent_key =
            domain::secret::Secret::new(agent.auth_key.clone().unwrap());
        stored.desired[0].version = 2;
    }
    let here = || rig.keyset().here(&format!("presence.user-{other}"));
    until(PATIENCE, || async { !here().is_empty() }).await;
    rig.inbox.lock().desired.clear();
    rig.until_state(SubscriptionState::Stopped).await;
    until(PATIENCE, || async { rig.polls() == 0 }).await;
    worker.stop().await;
    rig.sandbox.stop().await;
}
