//! What only the queue between processes can go through: Redis emptied, restarted, silent.

use crate::queue_contract::{lane, wakeups};
use adapters::clock::SystemClock;
use adapters::queue::{RedisQueue, RedisQueueOptions};
use bytes::Bytes;
use domain::ports::{Clock, Duty, Queue};
use futures::StreamExt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::{RedisServer, eventually, until};

const LONG: Duration = Duration::from_secs(20);

fn open(url: &str, options: RedisQueueOptions) -> Arc<RedisQueue> {
    Arc::new(RedisQueue::open(url, &options, Arc::new(SystemClock)).unwrap())
}

fn impatient() -> RedisQueueOptions {
    RedisQueueOptions {
        call_timeout: Duration::from_millis(300),
        ..RedisQueueOptions::default()
    }
}

async fn query<T: redis::FromRedisValue>(server: &RedisServer, command: &str) -> T {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut parts = command.split(' ');
    let mut cmd = redis::cmd(parts.next().unwrap());
    parts.for_each(|part| {
        cmd.arg(part);
    });
    cmd.query_async(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_redis_is_used_again_at_once() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), RedisQueueOptions::default());
    queue.wake(&[lane(1)]).await.unwrap();
    let held = queue.next("c", 10, LONG).await.unwrap();
    let before = queue.beat("me", Duty::Working, LONG).await.unwrap();
    query::<()>(&server, "FLUSHALL").await;
    queue.ack(&held).await.unwrap();
    queue.wake(&[lane(1), lane(2)]).await.unwrap();
    let got = queue.next("c", 10, LONG).await.unwrap();
    assert_eq!(wakeups(&got), [lane(1), lane(2)]);
    query::<()>(&server, "FLUSHALL").await;
    assert_eq!(queue.recover("c", Duration::ZERO, 10).await.unwrap(), []);
    let after = queue.beat("you", Duty::Working, LONG).await.unwrap();
    assert!(after.epoch > before.epoch, "fences must not fall back");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_redis_was_emptied_nobody_counts_as_dead_before_everybody_could_come_back() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), RedisQueueOptions::default());
    let ttl = Duration::from_millis(400);
    let beat = |worker: &'static str| {
        let queue = &queue;
        async move { queue.beat(worker, Duty::Working, ttl).await.unwrap() }
    };
    beat("one").await;
    until(LONG, || async { beat("two").await.settled }).await;
    query::<()>(&server, "FLUSHALL").await;
    let alone = beat("one").await;
    assert_eq!(alone.members.len(), 1);
    assert!(!alone.settled, "the other one is only late");
    let both = beat("two").await;
    assert_eq!(both.members.len(), 2);
    until(LONG, || async { beat("one").await.settled }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_redis_was_out_of_reach_nobody_counts_as_dead_before_everybody_could_come_back() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), impatient());
    let ttl = Duration::from_millis(600);
    let beat = |worker: &'static str| {
        let queue = &queue;
        async move { queue.beat(worker, Duty::Working, ttl).await }
    };
    beat("one").await.unwrap();
    until(LONG, || async { beat("two").await.unwrap().settled }).await;
    let before = beat("one").await.unwrap();
    server.pause().unwrap();
    let started = Instant::now();
    until(LONG, || async {
        assert!(beat("one").await.is_err());
        started.elapsed() > ttl * 2
    })
    .await;
    server.resume().unwrap();
    let first = eventually(LONG, || async { beat("one").await.ok() }).await;
    assert_eq!(first.members, before.members, "both still live");
    assert_eq!(first.epoch, before.epoch);
    assert!(!first.settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_waits_while_redis_is_emptied_gets_what_comes_after() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), RedisQueueOptions::default());
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.next("c", 10, LONG).await.unwrap() }
    });
    until(LONG, || async {
        query::<String>(&server, "CLIENT LIST")
            .await
            .contains("cmd=xreadgroup")
    })
    .await;
    query::<()>(&server, "FLUSHALL").await;
    queue.wake(&[lane(1)]).await.unwrap();
    let started = Instant::now();
    assert_eq!(wakeups(&waiting.await.unwrap()), [lane(1)]);
    assert!(started.elapsed() < LONG / 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_redis_is_used_again_and_listeners_hear_on() {
    let mut server = RedisServer::start().unwrap();
    let queue = open(&server.url(), impatient());
    queue.wake(&[lane(1)]).await.unwrap();
    let mut updates = queue.listen("t").await.unwrap();
    server.kill();
    assert!(queue.ping().await.is_err());
    assert!(queue.wake(&[lane(2)]).await.is_err());
    assert!(queue.next("c", 1, LONG).await.is_err());
    server.resurrect().unwrap();
    eventually(LONG, || async { queue.wake(&[lane(3)]).await.ok() }).await;
    let got = eventually(LONG, || async { queue.next("c", 10, LONG).await.ok() }).await;
    assert_eq!(wakeups(&got), [lane(3)]);
    let deadline = Instant::now() + LONG;
    let heard = loop {
        assert!(Instant::now() < deadline, "the listener stays deaf");
        queue
            .publish(&[("t".into(), Bytes::from("x"))])
            .await
            .unwrap();
        let next = tokio::time::timeout(Duration::from_millis(100), updates.next());
        if let Ok(heard) = next.await {
            break heard;
        }
    };
    assert_eq!(heard, Some(Bytes::from("x")));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_restart_between_two_calls_is_not_noticed() {
    let mut server = RedisServer::start().unwrap();
    let queue = open(&server.url(), RedisQueueOptions::default());
    let short = Duration::from_millis(10);
    assert_eq!(queue.next("c", 10, short).await.unwrap(), []);
    server.resurrect().unwrap();
    assert_eq!(queue.next("c", 10, short).await.unwrap(), []);
    server.resurrect().unwrap();
    queue.wake(&[lane(2)]).await.unwrap();
    let got = queue.next("c", 10, LONG).await.unwrap();
    assert_eq!(wakeups(&got), [lane(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_redis_fails_every_call_within_its_limit() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), impatient());
    queue.ping().await.unwrap();
    server.pause().unwrap();
    let started = Instant::now();
    assert!(queue.ping().await.is_err());
    assert!(queue.wake(&[lane(1)]).await.is_err());
    assert!(queue.wake_at(lane(1), SystemClock.now()).await.is_err());
    assert!(queue.next("c", 1, Duration::ZERO).await.is_err());
    assert!(queue.recover("c", Duration::ZERO, 1).await.is_err());
    assert!(queue.beat("me", Duty::Working, LONG).await.is_err());
    assert!(queue.depart("me").await.is_err());
    assert!(queue.publish(&[("t".into(), Bytes::new())]).await.is_err());
    assert!(queue.listen("t").await.is_err());
    assert!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}",
        started.elapsed()
    );
    server.resume().unwrap();
    eventually(LONG, || async { queue.ping().await.ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_not_there_does_not_keep_the_queue_from_opening() {
    let mut server = RedisServer::start().unwrap();
    server.kill();
    let queue = open(&server.url(), impatient());
    assert!(queue.ping().await.is_err());
    server.resurrect().unwrap();
    eventually(LONG, || async { queue.ping().await.ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trimmed_wakeup_does_not_keep_its_lane_asleep() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), RedisQueueOptions::default());
    queue.wake(&[lane(1)]).await.unwrap();
    query::<()>(&server, "XTRIM relevo:{work.0}:stream MAXLEN 0").await;
    queue.wake(&[lane(1)]).await.unwrap();
    assert_eq!(queue.next("c", 10, LONG).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wrote_is_thrown_away() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), RedisQueueOptions::default());
    for entry in ["w garbage", "x y", "w 1:2:3"] {
        query::<()>(&server, &format!("XADD relevo:{{work.0}}:stream * {entry}")).await;
    }
    queue.wake(&[lane(1)]).await.unwrap();
    let got = queue.next("c", 10, LONG).await.unwrap();
    assert_eq!(wakeups(&got), [lane(1)]);
    queue.ack(&got).await.unwrap();
    assert_eq!(
        query::<i64>(&server, "XLEN relevo:{work.0}:stream").await,
        0
    );
    assert_eq!(queue.recover("c", Duration::ZERO, 10).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_stays_behind_in_redis_after_the_work() {
    let server = RedisServer::start().unwrap();
    let queue = open(&server.url(), RedisQueueOptions::default());
    let soon = SystemClock.now().after(Duration::from_millis(50));
    for n in 0..50 {
        queue.wake(&[lane(n)]).await.unwrap();
        queue.wake_at(lane(n + 100), soon).await.unwrap();
    }
    let mut seen = 0;
    while seen < 100 {
        let got = queue.next("c", 7, LONG).await.unwrap();
        seen += got.len();
        queue.ack(&got).await.unwrap();
    }
    assert_eq!(queue.next("c", 7, Duration::ZERO).await.unwrap(), []);
    assert_eq!(
        query::<i64>(&server, "XLEN relevo:{work.0}:stream").await,
        0
    );
    assert_eq!(
        query::<i64>(&server, "HLEN relevo:{work.0}:waiting").await,
        0
    );
    assert_eq!(query::<i64>(&server, "ZCARD relevo:{work.0}:due").await, 0);
}
