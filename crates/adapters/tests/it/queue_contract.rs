//! What every queue must do, run for each of them.

use adapters::clock::SystemClock;
use adapters::queue::{MemoryQueue, RedisQueue, RedisQueueOptions};
use bytes::Bytes;
use domain::outbound::{Lane, Wakeup};
use domain::ports::{Clock, Crew, Delivery, Duty, Queue};
use futures::StreamExt;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::TestRedis;
use uuid::Uuid;

/// Long enough that only a real loss reaches it.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(30);

pub fn lane(n: u128) -> Wakeup {
    Wakeup {
        tenant: Uuid::from_u128(7).into(),
        conversation: Uuid::from_u128(n).into(),
        lane: Lane::Desk,
    }
}

pub fn wakeups(deliveries: &[Delivery]) -> Vec<Wakeup> {
    deliveries.iter().map(|d| d.wakeup).collect()
}

/// A queue and what it needs to live.
pub struct Fixture {
    pub queue: Arc<dyn Queue>,
    _redis: Option<TestRedis>,
}

fn memory() -> Fixture {
    Fixture {
        queue: Arc::new(MemoryQueue::new(Arc::new(SystemClock))),
        _redis: None,
    }
}

fn redis() -> Fixture {
    let redis = TestRedis::start().unwrap();
    let options = RedisQueueOptions {
        prefix: redis.prefix().to_owned(),
        ..RedisQueueOptions::default()
    };
    let queue = RedisQueue::open(redis.url(), &options, Arc::new(SystemClock)).unwrap();
    Fixture {
        queue: Arc::new(queue),
        _redis: Some(redis),
    }
}

macro_rules! contract {
    ($($name:ident,)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(super::memory().queue.clone()).await; })*
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let fixture = super::redis();
                super::$name(fixture.queue.clone()).await;
            })*
        }
    };
}

contract! {
    every_wakeup_is_delivered_exactly_once_to_one_of_many_consumers,
    untaken_wakeups_of_one_lane_melt,
    lanes_do_not_melt_into_each_other,
    a_wakeup_during_the_work_is_delivered_after_it,
    nothing_comes_from_an_empty_queue,
    a_waiting_consumer_is_woken_at_once,
    at_most_as_many_as_asked_are_taken,
    what_a_dead_consumer_took_is_recovered_after_its_idleness,
    what_is_acknowledged_is_never_recovered,
    a_recovered_lane_can_be_woken_again,
    a_delayed_wakeup_comes_once_on_time_and_not_early,
    a_nearer_instant_wakes_those_who_wait_for_a_farther_one,
    a_delayed_wakeup_is_seen_to_while_another_consumer_works,
    an_instant_in_the_past_is_due_now,
    one_lane_at_two_instants_comes_twice,
    every_worker_sees_the_same_list_of_the_living,
    the_epoch_stays_while_nobody_joins_or_leaves,
    a_silent_worker_is_missed_by_those_who_go_on,
    who_was_given_up_comes_back_as_a_newcomer,
    a_draining_worker_stays_on_the_list_until_it_departs,
    nobody_is_made_out_dead_by_his_own_silence,
    listeners_hear_their_topic_only,
    a_dropped_listener_does_not_disturb_the_others,
    publishing_to_nobody_is_fine,
    it_answers_a_ping,
}

async fn every_wakeup_is_delivered_exactly_once_to_one_of_many_consumers(queue: Arc<dyn Queue>) {
    const COUNT: u128 = 2_000;
    let consumers: Vec<_> = (0..4)
        .map(|n| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let mut seen = Vec::new();
                loop {
                    let got = queue
                        .next(&format!("c{n}"), 16, Duration::from_millis(500))
                        .await
                        .unwrap();
                    if got.is_empty() {
                        return seen;
                    }
                    queue.ack(&got).await.unwrap();
                    seen.extend(wakeups(&got));
                }
            })
        })
        .collect();
    let all: Vec<Wakeup> = (0..COUNT).map(lane).collect();
    for batch in all.chunks(90) {
        queue.wake(batch).await.unwrap();
    }
    let mut seen = Vec::new();
    for consumer in consumers {
        seen.extend(consumer.await.unwrap());
    }
    assert_eq!(seen.len(), all.len());
    let (seen, all): (HashSet<_>, HashSet<_>) =
        (seen.into_iter().collect(), all.into_iter().collect());
    assert_eq!(seen, all);
}

async fn untaken_wakeups_of_one_lane_melt(queue: Arc<dyn Queue>) {
    queue.wake(&[lane(1), lane(1), lane(2)]).await.unwrap();
    queue.wake(&[lane(1)]).await.unwrap();
    let got = queue.next("c", 10, LONG).await.unwrap();
    assert_eq!(wakeups(&got), [lane(1), lane(2)]);
    queue.ack(&got).await.unwrap();
    assert_eq!(queue.next("c", 10, SHORT).await.unwrap(), []);
}

async fn lanes_do_not_melt_into_each_other(queue: Arc<dyn Queue>) {
    let all = Lane::ALL.map(|l| Wakeup { lane: l, ..lane(1) });
    queue.wake(&all).await.unwrap();
    let got = queue.next("c", 10, LONG).await.unwrap();
    assert_eq!(wakeups(&got), all);
}

async fn a_wakeup_during_the_work_is_delivered_after_it(queue: Arc<dyn Queue>) {
    queue.wake(&[lane(1)]).await.unwrap();
    let first = queue.next("c", 10, LONG).await.unwrap();
    queue.wake(&[lane(1)]).await.unwrap();
    queue.ack(&first).await.unwrap();
    let second = queue.next("c", 10, LONG).await.unwrap();
    assert_eq!(wakeups(&second), [lane(1)]);
    queue.ack(&second).await.unwrap();
    queue.wake(&[lane(1)]).await.unwrap();
    assert_eq!(queue.next("c", 10, LONG).await.unwrap().len(), 1);
}

async fn nothing_comes_from_an_empty_queue(queue: Arc<dyn Queue>) {
    assert_eq!(queue.next("c", 10, Duration::ZERO).await.unwrap(), []);
    assert_eq!(queue.next("c", 10, SHORT).await.unwrap(), []);
    assert_eq!(queue.recover("c", Duration::ZERO, 10).await.unwrap(), []);
    queue.ack(&[]).await.unwrap();
    queue.wake(&[]).await.unwrap();
}

async fn a_waiting_consumer_is_woken_at_once(queue: Arc<dyn Queue>) {
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.next("c", 10, LONG).await.unwrap() }
    });
    tokio::task::yield_now().await;
    let started = Instant::now();
    queue.wake(&[lane(1)]).await.unwrap();
    assert_eq!(wakeups(&waiting.await.unwrap()), [lane(1)]);
    assert!(started.elapsed() < LONG / 4);
}

async fn at_most_as_many_as_asked_are_taken(queue: Arc<dyn Queue>) {
    queue.wake(&[lane(1), lane(2), lane(3)]).await.unwrap();
    assert_eq!(queue.next("c", 2, LONG).await.unwrap().len(), 2);
    assert_eq!(queue.next("c", 2, LONG).await.unwrap().len(), 1);
}

async fn what_a_dead_consumer_took_is_recovered_after_its_idleness(queue: Arc<dyn Queue>) {
    queue.wake(&[lane(1), lane(2)]).await.unwrap();
    let lost = queue.next("dead", 10, LONG).await.unwrap();
    assert_eq!(lost.len(), 2);
    let hour = Duration::from_secs(3_600);
    assert_eq!(queue.recover("alive", hour, 10).await.unwrap(), []);
    let idle = Duration::from_millis(60);
    let mut found = testkit::eventually(LONG, || async {
        let found = queue.recover("alive", idle, 10).await.unwrap();
        (!found.is_empty()).then_some(found)
    })
    .await;
    // The two were taken in one call, so they are idle at the same moment.
    found.sort_by_key(|d| d.wakeup.conversation);
    assert_eq!(wakeups(&found), [lane(1), lane(2)]);
    assert_eq!(queue.recover("third", hour, 10).await.unwrap(), []);
    queue.ack(&found).await.unwrap();
    assert_eq!(
        queue.recover("third", Duration::ZERO, 10).await.unwrap(),
        []
    );
}

async fn what_is_acknowledged_is_never_recovered(queue: Arc<dyn Queue>) {
    queue.wake(&[lane(1)]).await.unwrap();
    let got = queue.next("c", 10, LONG).await.unwrap();
    queue.ack(&got).await.unwrap();
    queue.ack(&got).await.unwrap();
    assert_eq!(queue.recover("d", Duration::ZERO, 10).await.unwrap(), []);
}

async fn a_recovered_lane_can_be_woken_again(queue: Arc<dyn Queue>) {
    queue.wake(&[lane(1)]).await.unwrap();
    queue.next("dead", 10, LONG).await.unwrap();
    let found = queue.recover("alive", Duration::ZERO, 10).await.unwrap();
    queue.wake(&[lane(1)]).await.unwrap();
    assert_eq!(queue.next("alive", 10, LONG).await.unwrap().len(), 1);
    queue.ack(&found).await.unwrap();
}

async fn a_delayed_wakeup_comes_once_on_time_and_not_early(queue: Arc<dyn Queue>) {
    let due = SystemClock.now().after(Duration::from_millis(250));
    queue.wake_at(lane(1), due).await.unwrap();
    queue.wake_at(lane(1), due).await.unwrap();
    let got = queue.next("c", 10, LONG).await.unwrap();
    let now = SystemClock.now();
    assert_eq!(wakeups(&got), [lane(1)]);
    assert!(now >= due, "{} ms early", due.0 - now.0);
    assert!(
        now.since(due) < Duration::from_secs(2),
        "{:?} late",
        now.since(due)
    );
    queue.ack(&got).await.unwrap();
    assert_eq!(queue.next("c", 10, SHORT).await.unwrap(), []);
}

async fn a_nearer_instant_wakes_those_who_wait_for_a_farther_one(queue: Arc<dyn Queue>) {
    let now = SystemClock.now();
    queue.wake_at(lane(9), now.after(LONG * 10)).await.unwrap();
    let waiting: Vec<_> = (0..2)
        .map(|n| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.next(&format!("c{n}"), 10, LONG / 2).await.unwrap() })
        })
        .collect();
    tokio::time::sleep(SHORT).await;
    let due = SystemClock.now().after(Duration::from_millis(100));
    queue.wake_at(lane(1), due).await.unwrap();
    let (first, others) = futures::future::select_all(waiting).await.into_inner();
    assert_eq!(wakeups(&first.unwrap()), [lane(1)]);
    let now = SystemClock.now();
    assert!(now >= due && now.since(due) < Duration::from_secs(3));
    others.iter().for_each(tokio::task::JoinHandle::abort);
}

trait IntoFirst<T, R> {
    fn into_inner(self) -> (T, R);
}

impl<T, R> IntoFirst<T, R> for (T, usize, R) {
    fn into_inner(self) -> (T, R) {
        (self.0, self.2)
    }
}

/// Both block; the nearer instant is told to one of them, which then leaves with other work:
/// the one that stays must still see to the instant.
async fn a_delayed_wakeup_is_seen_to_while_another_consumer_works(queue: Arc<dyn Queue>) {
    let spawn = |name: &'static str| {
        let queue = queue.clone();
        tokio::spawn(async move { queue.next(name, 1, LONG / 2).await.unwrap() })
    };
    let waiting = vec![spawn("a"), spawn("b")];
    tokio::time::sleep(SHORT).await;
    let due = SystemClock.now().after(Duration::from_millis(300));
    queue.wake_at(lane(1), due).await.unwrap();
    queue.wake(&[lane(2)]).await.unwrap();
    let (first, mut others) = futures::future::select_all(waiting).await.into_inner();
    assert_eq!(wakeups(&first.unwrap()), [lane(2)]);
    // the first never asks again
    let second = others.remove(0).await.unwrap();
    assert_eq!(wakeups(&second), [lane(1)]);
    let late = SystemClock.now().since(due);
    assert!(late < Duration::from_secs(3), "{late:?} late");
}

async fn an_instant_in_the_past_is_due_now(queue: Arc<dyn Queue>) {
    let past = SystemClock.now().before(LONG);
    for n in 0..1_200 {
        queue.wake_at(lane(n), past).await.unwrap();
    }
    let mut seen = HashSet::new();
    while seen.len() < 1_200 {
        let got = queue.next("c", 100, LONG).await.unwrap();
        assert!(!got.is_empty());
        for delivery in &got {
            assert!(seen.insert(delivery.wakeup));
        }
        queue.ack(&got).await.unwrap();
    }
}

async fn one_lane_at_two_instants_comes_twice(queue: Arc<dyn Queue>) {
    let now = SystemClock.now();
    for ms in [60, 300] {
        let due = now.after(Duration::from_millis(ms));
        queue.wake_at(lane(1), due).await.unwrap();
    }
    for ms in [60, 300] {
        let got = queue.next("c", 10, LONG).await.unwrap();
        assert_eq!(wakeups(&got), [lane(1)]);
        assert!(SystemClock.now() >= now.after(Duration::from_millis(ms)));
        queue.ack(&got).await.unwrap();
    }
}

/// The list as a worker sees it.
async fn beat(queue: &Arc<dyn Queue>, worker: &str, ttl: Duration) -> Crew {
    queue.beat(worker, Duty::Working, ttl).await.unwrap()
}

fn names(crew: &Crew) -> Vec<&str> {
    crew.members.iter().map(|m| m.name.as_str()).collect()
}

async fn every_worker_sees_the_same_list_of_the_living(queue: Arc<dyn Queue>) {
    let joined = ["b", "a", "c"].map(|name| {
        let queue = queue.clone();
        async move { beat(&queue, name, LONG).await }
    });
    futures::future::join_all(joined).await;
    let seen = beat(&queue, "a", LONG).await;
    assert_eq!(names(&seen), ["a", "b", "c"]);
    assert_eq!(beat(&queue, "b", LONG).await, seen);
    assert_eq!(beat(&queue, "c", LONG).await, seen);
    assert!(seen.members.iter().all(|m| m.joined <= seen.epoch));
}

async fn the_epoch_stays_while_nobody_joins_or_leaves(queue: Arc<dyn Queue>) {
    let first = beat(&queue, "a", LONG).await;
    assert!(first.epoch >= 1_600_000_000_000, "{first:?}");
    assert_eq!(beat(&queue, "a", LONG).await.epoch, first.epoch);
    let second = beat(&queue, "b", LONG).await;
    assert!(second.epoch > first.epoch);
    assert_eq!(second.member("a"), first.member("a"));
    assert_eq!(beat(&queue, "a", LONG).await.epoch, second.epoch);
    queue.depart("b").await.unwrap();
    let third = beat(&queue, "a", LONG).await;
    assert!(third.epoch > second.epoch);
    queue.depart("b").await.unwrap();
    assert_eq!(beat(&queue, "a", LONG).await.epoch, third.epoch);
}

async fn a_silent_worker_is_missed_by_those_who_go_on(queue: Arc<dyn Queue>) {
    let ttl = Duration::from_millis(400);
    beat(&queue, "dies", ttl).await;
    let both = beat(&queue, "lives", ttl).await;
    assert_eq!(names(&both), ["dies", "lives"]);
    let alone = testkit::eventually(LONG, || async {
        Some(beat(&queue, "lives", ttl).await).filter(|crew| crew.members.len() == 1)
    })
    .await;
    assert_eq!(names(&alone), ["lives"]);
    assert!(alone.epoch > both.epoch);
    assert!(alone.settled, "whoever is missing now is dead");
    assert_eq!(alone.member("lives"), both.member("lives"));
}

async fn who_was_given_up_comes_back_as_a_newcomer(queue: Arc<dyn Queue>) {
    let ttl = Duration::from_millis(400);
    let before = beat(&queue, "frozen", ttl).await;
    testkit::until(LONG, || async {
        beat(&queue, "lives", ttl).await.members.len() == 1
    })
    .await;
    let after = beat(&queue, "frozen", ttl).await;
    let joined = |crew: &Crew| crew.member("frozen").map(|m| m.joined);
    assert!(joined(&after) > joined(&before));
    assert_eq!(joined(&after), Some(after.epoch));
}

async fn a_draining_worker_stays_on_the_list_until_it_departs(queue: Arc<dyn Queue>) {
    let before = beat(&queue, "goes", LONG).await;
    beat(&queue, "stays", LONG).await;
    let drains = queue.beat("goes", Duty::Draining, LONG).await.unwrap();
    assert!(drains.epoch > before.epoch);
    let goes = drains.member("goes").unwrap();
    assert_eq!((goes.duty, goes.joined), (Duty::Draining, before.epoch));
    assert!(drains.has_others("goes") && !drains.has_others("stays"));
    queue.depart("goes").await.unwrap();
    assert_eq!(names(&beat(&queue, "stays", LONG).await), ["stays"]);
}

async fn nobody_is_made_out_dead_by_his_own_silence(queue: Arc<dyn Queue>) {
    let ttl = Duration::from_millis(30);
    let first = beat(&queue, "slow", ttl).await;
    tokio::time::sleep(ttl * 3).await;
    let again = beat(&queue, "slow", ttl).await;
    assert_eq!(again.member("slow"), first.member("slow"));
    assert_eq!(again.epoch, first.epoch);
}

async fn listeners_hear_their_topic_only(queue: Arc<dyn Queue>) {
    let mut one = queue.listen("one").await.unwrap();
    let mut also_one = queue.listen("one").await.unwrap();
    let mut two = queue.listen("two").await.unwrap();
    for (topic, text) in [("two", "a"), ("one", "b"), ("one", "c")] {
        queue
            .publish(&[(topic.into(), Bytes::from(text))])
            .await
            .unwrap();
    }
    for stream in [&mut one, &mut also_one] {
        for text in ["b", "c"] {
            let got = tokio::time::timeout(LONG, stream.next()).await.unwrap();
            assert_eq!(got, Some(Bytes::from(text)));
        }
    }
    let got = tokio::time::timeout(LONG, two.next()).await.unwrap();
    assert_eq!(got, Some(Bytes::from("a")));
}

async fn a_dropped_listener_does_not_disturb_the_others(queue: Arc<dyn Queue>) {
    let mut stays = queue.listen("t").await.unwrap();
    for n in 0..20 {
        drop(queue.listen("t").await.unwrap());
        drop(queue.listen("u").await.unwrap());
        queue
            .publish(&[("t".into(), Bytes::from(vec![n]))])
            .await
            .unwrap();
        let got = tokio::time::timeout(LONG, stays.next()).await.unwrap();
        assert_eq!(got, Some(Bytes::from(vec![n])));
    }
    drop(stays);
    let mut again = queue.listen("t").await.unwrap();
    queue
        .publish(&[("t".into(), Bytes::from("x"))])
        .await
        .unwrap();
    assert!(
        tokio::time::timeout(LONG, again.next())
            .await
            .unwrap()
            .is_some()
    );
}

async fn publishing_to_nobody_is_fine(queue: Arc<dyn Queue>) {
    queue
        .publish(&[("nobody".into(), Bytes::from("x"))])
        .await
        .unwrap();
}

async fn it_answers_a_ping(queue: Arc<dyn Queue>) {
    queue.ping().await.unwrap();
}
