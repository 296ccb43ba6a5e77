//! The queue between processes, on Redis 7 streams.
//!
//! Redis carries work, the database carries truth: after a restart or an emptied Redis the
//! group is made anew, and the sweep of the outbox finds what was lost. Every call has a time
//! limit and fails with a [`QueueError`] instead of hanging.

mod block;
mod crew;
mod keys;
mod link;
mod live;
mod scripts;
mod wire;

use async_trait::async_trait;
use bytes::Bytes;
use domain::outbound::Wakeup;
use domain::ports::{Clock, Crew, Delivery, Duty, Queue, QueueError};
use domain::time::Timestamp;
use futures::stream::BoxStream;
use keys::{GROUP, Keys};
use link::Link;
use live::Live;
use redis::ScriptInvocation;
use scripts::Scripts;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use wire::Taken;

/// How many wake-ups go to Redis in one call.
const BATCH: usize = 500;

/// What may be set.
#[derive(Clone, Debug)]
pub struct RedisQueueOptions {
    /// First part of every key and channel: one per deployment that shares a Redis.
    pub prefix: String,
    /// The time limit of one call.
    pub call_timeout: Duration,
    /// About how many wake-ups the stream holds before the oldest are dropped (the sweep finds
    /// their work); a dam against a worker that is down for days.
    pub capacity: usize,
}

impl Default for RedisQueueOptions {
    fn default() -> Self {
        Self {
            prefix: "relevo".to_owned(),
            call_timeout: Duration::from_secs(2),
            capacity: 1_000_000,
        }
    }
}

/// A queue on Redis.
pub struct RedisQueue {
    clock: Arc<dyn Clock>,
    keys: Keys,
    scripts: Scripts,
    link: Link,
    live: Live,
    capacity: usize,
}

impl RedisQueue {
    /// A queue on the Redis at `url` (`redis://` or `rediss://`). Connects when it is first
    /// needed, so a Redis that is down does not keep a process from starting. Must be called
    /// inside a tokio runtime.
    ///
    /// # Errors
    /// The address is not one of Redis.
    pub fn open(
        url: &str,
        options: &RedisQueueOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, QueueError> {
        // The library's own words could repeat the address, which may hold a password.
        let client = redis::Client::open(url)
            .map_err(|_| QueueError("not the address of a Redis".to_owned()))?;
        let link = Link::new(client, options);
        Ok(Self {
            clock,
            keys: Keys::new(&options.prefix),
            scripts: Scripts::new(),
            live: Live::start(link.client().clone(), link.limit()),
            link,
            capacity: options.capacity,
        })
    }

    async fn invoke<T: redis::FromRedisValue + Send>(
        &self,
        call: &ScriptInvocation<'_>,
    ) -> Result<T, QueueError> {
        self.link
            .run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await
    }

    /// Takes what a script answered into our hands; what no version of us wrote is thrown away.
    async fn received(&self, answer: Vec<String>) -> Result<Taken, QueueError> {
        let taken = Taken::from_answer(answer);
        if !taken.unreadable.is_empty() {
            tracing::warn!(
                entries = taken.unreadable.len(),
                "unreadable entries in the queue thrown away"
            );
            self.finish(taken.unreadable.clone()).await?;
        }
        Ok(taken)
    }

    async fn take(&self, consumer: &str, most: usize, nudged: bool) -> Result<Taken, QueueError> {
        let mut call = self.scripts.take.key(&self.keys.stream);
        call.key(&self.keys.waiting)
            .key(&self.keys.due)
            .arg(self.capacity)
            .arg(GROUP)
            .arg(consumer)
            .arg(most)
            .arg(self.clock.now().0)
            .arg(u8::from(nudged));
        let answer = self.invoke(&call).await?;
        self.received(answer).await
    }

    async fn settle(&self, entries: Vec<block::Entry>, nudged: bool) -> Result<Taken, QueueError> {
        let mut call = self.scripts.taken.key(&self.keys.stream);
        call.key(&self.keys.waiting)
            .key(&self.keys.due)
            .arg(self.capacity)
            .arg(GROUP)
            .arg(u8::from(nudged));
        for part in entries.iter().flatten() {
            call.arg(part);
        }
        let answer = self.invoke(&call).await?;
        self.received(answer).await
    }

    async fn finish(&self, receipts: Vec<String>) -> Result<(), QueueError> {
        let mut pipe = redis::pipe();
        pipe.cmd("XACK")
            .arg(&self.keys.stream)
            .arg(GROUP)
            .arg(&receipts)
            .ignore()
            .cmd("XDEL")
            .arg(&self.keys.stream)
            .arg(&receipts)
            .ignore();
        let pipe = &pipe;
        self.link
            .run(|mut connection| async move { pipe.query_async(&mut connection).await })
            .await
    }
}

#[async_trait]
impl Queue for RedisQueue {
    async fn wake(&self, wakeups: &[Wakeup]) -> Result<(), QueueError> {
        for batch in wakeups.chunks(BATCH) {
            let mut call = self.scripts.wake.key(&self.keys.stream);
            call.key(&self.keys.waiting).arg(self.capacity);
            for wakeup in batch {
                call.arg(wire::encode(wakeup));
            }
            self.invoke::<()>(&call).await?;
        }
        Ok(())
    }

    async fn wake_at(&self, wakeup: Wakeup, at: Timestamp) -> Result<(), QueueError> {
        let mut call = self.scripts.wake_at.key(&self.keys.stream);
        call.key(&self.keys.due)
            .arg(self.capacity)
            .arg(at.0)
            .arg(wire::encode(&wakeup));
        self.invoke(&call).await
    }

    async fn next(
        &self,
        consumer: &str,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        let deadline = Instant::now() + wait;
        let mut nudged = false;
        loop {
            let taken = self.take(consumer, most, nudged).await?;
            nudged |= taken.nudged;
            let left = deadline.saturating_duration_since(Instant::now());
            if !taken.deliveries.is_empty() || left.is_zero() || most == 0 {
                return Ok(taken.deliveries);
            }
            let until_due = taken.due.map(|due| due.since(self.clock.now()));
            if until_due.is_some_and(|span| span.is_zero()) {
                continue;
            }
            let entries = self.block(consumer, most, left, until_due).await?;
            if entries.is_empty() {
                continue;
            }
            let taken = self.settle(entries, nudged).await?;
            nudged |= taken.nudged;
            if !taken.deliveries.is_empty() {
                return Ok(taken.deliveries);
            }
        }
    }

    async fn ack(&self, deliveries: &[Delivery]) -> Result<(), QueueError> {
        if deliveries.is_empty() {
            return Ok(());
        }
        self.finish(deliveries.iter().map(|d| d.receipt.clone()).collect())
            .await
    }

    async fn recover(
        &self,
        consumer: &str,
        idle: Duration,
        most: usize,
    ) -> Result<Vec<Delivery>, QueueError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let mut call = self.scripts.recover.key(&self.keys.stream);
        call.key(&self.keys.waiting)
            .key(&self.keys.due)
            .arg(self.capacity)
            .arg(GROUP)
            .arg(consumer)
            .arg(most)
            .arg(millis(idle));
        let answer = self.invoke(&call).await?;
        Ok(self.received(answer).await?.deliveries)
    }

    async fn beat(&self, worker: &str, duty: Duty, ttl: Duration) -> Result<Crew, QueueError> {
        let [alive, members, state] = &self.keys.crew;
        let mut call = self.scripts.beat.key(alive);
        call.key(members)
            .key(state)
            .arg(worker)
            .arg(crew::word(duty))
            .arg(millis(ttl).max(1));
        let answer: Vec<String> = self.invoke(&call).await?;
        crew::read(&answer).ok_or_else(|| QueueError("odd list of workers".to_owned()))
    }

    async fn depart(&self, worker: &str) -> Result<(), QueueError> {
        let [alive, members, state] = &self.keys.crew;
        let mut call = self.scripts.depart.key(alive);
        call.key(members).key(state).arg(worker);
        self.invoke(&call).await
    }

    async fn publish(&self, news: &[(String, Bytes)]) -> Result<(), QueueError> {
        for batch in news.chunks(BATCH) {
            let mut pipe = redis::pipe();
            for (topic, payload) in batch {
                let channel = self.keys.topic(topic);
                pipe.cmd("PUBLISH")
                    .arg(channel)
                    .arg(payload.as_ref())
                    .ignore();
            }
            let pipe = &pipe;
            self.link
                .run(|mut connection| async move { pipe.query_async::<()>(&mut connection).await })
                .await?;
        }
        Ok(())
    }

    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Bytes>, QueueError> {
        self.live.listen(self.keys.topic(topic)).await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.link
            .run(|mut connection| async move {
                redis::cmd("PING").query_async::<()>(&mut connection).await
            })
            .await
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
