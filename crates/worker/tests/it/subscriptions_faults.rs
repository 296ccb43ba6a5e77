//! Nothing is lost, whatever the network does.

use crate::subscriptions_rig::{PATIENCE, Rig};
use domain::ports::SubscriptionState;
use sandbox::fault::{Action, FaultRule, FaultService};
use sandbox::pubnub::SettingsPatch;
use serde_json::json;
use std::time::Duration;
use testkit::until;

fn quiet() -> serde_json::Value {
    json!({ "noise": false })
}

/// The server's queue does not limit, so that a loss would be ours.
fn endless() -> SettingsPatch {
    SettingsPatch {
        queue_limit: Some(100_000),
        publish_skew_ms: Some(300),
        hold_ms: Some(2_000),
        ..SettingsPatch::default()
    }
}

fn status(status: u16) -> Action {
    Action::Status {
        status,
        headers: [].into(),
        body: "<html>oops</html>".into(),
        pad_to: 0,
        after: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_survive_every_fault_and_a_restart_every_37() {
    const MESSAGES: usize = 1_000;
    let rig = Rig::new(quiet(), endless()).await;
    let conversations = rig.open(4).await;
    let mut worker = rig.listening("w").await;
    for (seed, (action, chance)) in [
        (Action::ResetBefore, 0.08),
        (Action::ResetAfter, 0.08),
        (status(500), 0.05),
        (Action::Garbage { after: false }, 0.05),
        (status(403), 0.03),
    ]
    .into_iter()
    .enumerate()
    {
        let rule = FaultRule::new(FaultService::PubNub, action).path("/v2/subscribe");
        rig.sandbox
            .core
            .faults
            .add(rule.chance(chance, seed as u64));
    }
    let faults = || -> u64 { rig.sandbox.core.faults.list().iter().map(|f| f.hits).sum() };
    let mut said: Vec<Vec<i64>> = vec![Vec::new(); conversations.len()];
    let recorded = || -> usize {
        conversations
            .iter()
            .map(|c| rig.inbox.heard(*c).len())
            .sum()
    };
    let mut restarts = 0;
    for n in 0..MESSAGES {
        let lane = n % conversations.len();
        said[lane].push(rig.say(conversations[lane], &n.to_string()));
        if recorded() / 37 > restarts {
            restarts += 1;
            if restarts % 2 == 0 {
                worker.kill().await;
            } else {
                worker.stop().await;
            }
            worker = rig.worker("w");
        }
        if n % 20 == 0 {
            tokio::time::timeout(Duration::from_millis(300), rig_moves(&rig, n))
                .await
                .ok();
        }
    }
    until(PATIENCE, || async { recorded() >= MESSAGES }).await;
    for (lane, conversation) in conversations.iter().enumerate() {
        assert_eq!(
            rig.inbox.heard(*conversation),
            said[lane],
            "in order, once each"
        );
    }
    let repeated = rig.inbox.lock().repeated;
    assert!(restarts >= 10, "only {restarts} restarts");
    assert!(faults() >= 20, "only {} faults", faults());
    println!(
        "{restarts} restarts, {} faults, {repeated} repeats removed",
        faults()
    );
    worker.stop().await;
    rig.sandbox.stop().await;
}

/// Something more was recorded.
async fn rig_moves(rig: &Rig, before: usize) {
    until(PATIENCE, || async {
        rig.inbox.lock().events.len() > before
    })
    .await;
}

#[tokio::test]
async fn what_fell_out_of_the_queue_is_listed_and_recorded_in_order() {
    let rig = Rig::new(quiet(), SettingsPatch::default()).await;
    let conversation = rig.open(1).await[0];
    rig.inbox.lock().open = vec![conversation];
    let worker = rig.listening("w").await;
    let first = rig.say(conversation, "antes");
    rig.until_heard(conversation, &[first]).await;
    worker.stop().await;

    let mut said = vec![first];
    said.extend((0..250).map(|n| rig.say(conversation, &n.to_string())));
    assert!(rig.keyset().view().evicted > 0, "PubNub forgot some");
    let worker = rig.worker("w");
    rig.until_heard(conversation, &said).await;
    assert!(rig.health().gaps_repaired >= 150);
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_fell_out_of_a_short_queue_while_polls_failed_is_recorded_in_order() {
    let short = SettingsPatch {
        queue_limit: Some(10),
        batch_limit: Some(10),
        ..SettingsPatch::default()
    };
    let rig = Rig::new(quiet(), short).await;
    let conversation = rig.open(1).await[0];
    rig.inbox.lock().open = vec![conversation];
    let worker = rig.listening("w").await;
    let mut said = vec![rig.say(conversation, "antes")];
    rig.until_heard(conversation, &said).await;

    let faults = &rig.sandbox.core.faults;
    let cut = FaultRule::new(FaultService::PubNub, Action::ResetBefore).path("/v2/subscribe");
    let cut = faults.add(cut);
    rig.sandbox.services.pubnub.cut_all_polls();
    until(PATIENCE, || async { faults.hits(cut) > 0 }).await;
    said.extend((0..30).map(|n| rig.say(conversation, &n.to_string())));
    assert!(rig.keyset().view().evicted > 0, "PubNub forgot some");
    faults.remove(cut);
    rig.until_heard(conversation, &said).await;
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_conversation_that_cannot_be_listed_does_not_cost_the_others_theirs() {
    let rig = Rig::new(quiet(), SettingsPatch::default()).await;
    let both = rig.open(2).await;
    let (spoiled, fine) = (both[0], both[1]);
    // The one that fails is always asked for first.
    rig.inbox.lock().open = vec![spoiled, fine];
    let worker = rig.listening("w").await;
    let first = rig.say(fine, "antes");
    rig.until_heard(fine, &[first]).await;
    worker.stop().await;

    let only = format!("conversation_id={spoiled}");
    let down = FaultRule::new(FaultService::LetsTalk, status(500)).path(&only);
    let down = rig.sandbox.core.faults.add(down);
    let mut said = vec![first];
    said.extend((0..250).map(|n| rig.say(fine, &n.to_string())));
    assert!(rig.keyset().view().evicted > 0, "PubNub forgot some");
    let worker = rig.worker("w");
    rig.until_heard(fine, &said).await;
    assert!(rig.sandbox.core.faults.hits(down) > 0);
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_was_said_before_the_first_start_is_heard_once() {
    let rig = Rig::new(quiet(), SettingsPatch::default()).await;
    let conversation = rig.open(1).await[0];
    rig.inbox.lock().open.push(conversation);
    // The stream is read from the first start on: only the listing knows of this.
    let before = rig.say(conversation, "¿me lees?");
    let worker = rig.listening("w").await;
    let after = rig.say(conversation, "sigo aquí");
    rig.until_heard(conversation, &[before, after]).await;
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_long_absence_is_repaired_before_anything_newer_is_recorded() {
    let mut rig = Rig::new(quiet(), SettingsPatch::default()).await;
    rig.settings.stale = Duration::ZERO;
    let conversation = rig.open(1).await[0];
    rig.inbox.lock().open = vec![conversation];
    let worker = rig.listening("w").await;
    let first = rig.say(conversation, "antes");
    rig.until_heard(conversation, &[first]).await;
    worker.stop().await;
    // PubNub loses these altogether.
    let rule = FaultRule::new(FaultService::PubNub, Action::Drop).method("SEND");
    let lost = rig.sandbox.core.faults.add(rule);
    let mut said = vec![first];
    said.extend((0..3).map(|n| rig.say(conversation, &n.to_string())));
    rig.sandbox.core.faults.remove(lost);
    said.push(rig.say(conversation, "después"));
    let worker = rig.worker("w");
    rig.until_heard(conversation, &said).await;
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_message_lost_between_two_others_is_found_by_the_next_look() {
    let mut rig = Rig::new(
        quiet(),
        SettingsPatch {
            hold_ms: Some(200),
            ..SettingsPatch::default()
        },
    )
    .await;
    rig.settings.check_every = Duration::from_millis(500);
    let conversation = rig.open(1).await[0];
    rig.inbox.lock().open = vec![conversation];
    let worker = rig.listening("w").await;
    let first = rig.say(conversation, "uno");
    rig.until_heard(conversation, &[first]).await;
    let rule = FaultRule::new(FaultService::PubNub, Action::Drop).method("SEND");
    let lost = rig.sandbox.core.faults.add(rule);
    let second = rig.say(conversation, "dos");
    rig.sandbox.core.faults.remove(lost);
    let third = rig.say(conversation, "tres");
    until(PATIENCE, || async {
        rig.inbox.heard(conversation).len() == 3
    })
    .await;
    let mut heard = rig.inbox.heard(conversation);
    heard.sort_unstable();
    assert_eq!(heard, [first, second, third]);
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn all_connections_cut_at_once_come_back_by_themselves() {
    let rig = Rig::new(quiet(), endless()).await;
    let conversation = rig.open(1).await[0];
    let worker = rig.listening("w").await;
    let mut said = Vec::new();
    for n in 0..20 {
        said.push(rig.say(conversation, &n.to_string()));
        rig.sandbox.services.pubnub.cut_all_polls();
    }
    rig.until_heard(conversation, &said).await;
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_poll_that_hangs_is_given_up() {
    let mut rig = Rig::new(quiet(), endless()).await;
    rig.settings.watchdog = Duration::from_millis(300);
    let conversation = rig.open(1).await[0];
    let rule = FaultRule::new(FaultService::PubNub, Action::Hang { ms: 60_000 });
    rig.sandbox
        .core
        .faults
        .add(rule.path("/v2/subscribe").times(2));
    let worker = rig.worker("w");
    until(PATIENCE, || async { rig.inbox.lock().cursors.len() == 1 }).await;
    let said = rig.say(conversation, "uno");
    rig.until_heard(conversation, &[said]).await;
    assert_eq!(rig.health().state, SubscriptionState::Connected);
    worker.stop().await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_desk_that_cannot_be_listed_does_not_hold_back_what_is_heard() {
    let mut rig = Rig::new(quiet(), SettingsPatch::default()).await;
    rig.settings.stale = Duration::ZERO;
    let conversation = rig.open(1).await[0];
    rig.inbox.lock().open = vec![conversation];
    let worker = rig.listening("w").await;
    let first = rig.say(conversation, "uno");
    rig.until_heard(conversation, &[first]).await;
    worker.stop().await;
    let drop = FaultRule::new(FaultService::PubNub, Action::Drop).method("SEND");
    let lost = rig.sandbox.core.faults.add(drop);
    let second = rig.say(conversation, "dos");
    rig.sandbox.core.faults.remove(lost);
    let down = FaultRule::new(FaultService::LetsTalk, status(503)).path("/messages");
    let down = rig.sandbox.core.faults.add(down);
    let worker = rig.worker("w");
    let third = rig.say(conversation, "tres");
    rig.until_heard(conversation, &[first, third]).await;
    assert!(
        rig.health()
            .last_error
            .is_some_and(|e| e.contains("listar"))
    );
    rig.sandbox.core.faults.remove(down);
    // The next word comes with the one that is still owed.
    let fourth = rig.say(conversation, "cuatro");
    let all = || async { rig.inbox.heard(conversation).len() == 4 };
    until(PATIENCE, || async {
        let done = all().await;
        if !done {
            rig.sandbox.services.pubnub.cut_all_polls();
        }
        done
    })
    .await;
    let mut heard = rig.inbox.heard(conversation);
    heard.sort_unstable();
    assert_eq!(heard, [first, second, third, fourth]);
    worker.stop().await;
    rig.sandbox.stop().await;
}
