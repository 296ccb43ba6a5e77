//! The queue of one process: trial, demo, small tenants. Nothing survives the process; the
//! sweep of the outbox finds the work again after a start.

mod crew;
mod topics;
mod work;

use async_trait::async_trait;
use bytes::Bytes;
use crew::Alive;
use domain::outbound::Wakeup;
use domain::ports::{Clock, Crew, Delivery, Duty, Queue, QueueError};
use domain::time::Timestamp;
use futures::stream::BoxStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use topics::Topics;
pub(in crate::queue) use topics::{BACKLOG, updates};
use work::Work;

/// A queue inside one process.
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    work: Mutex<Work>,
    arrived: Notify,
    crew: Mutex<Alive>,
    topics: Topics,
}

impl MemoryQueue {
    /// An empty queue; delays, life and idleness go by `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            work: Mutex::default(),
            arrived: Notify::new(),
            crew: Mutex::default(),
            topics: Topics::default(),
        }
    }
}

/// The data behind these locks is whole between any two statements, so a panic elsewhere does
/// not make it unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn wake(&self, wakeups: &[Wakeup]) -> Result<(), QueueError> {
        {
            let mut work = lock(&self.work);
            for wakeup in wakeups {
                work.push(*wakeup);
            }
        }
        self.arrived.notify_waiters();
        Ok(())
    }

    async fn wake_at(&self, wakeup: Wakeup, at: Timestamp) -> Result<(), QueueError> {
        lock(&self.work).push_at(wakeup, at);
        // Whoever waits for a later instant must reckon anew.
        self.arrived.notify_waiters();
        Ok(())
    }

    async fn next(
        &self,
        consumer: &str,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, QueueError> {
        let deadline = Instant::now() + wait;
        loop {
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            // Listening begins before the look, so that nothing slips in between.
            arrived.as_mut().enable();

            let now = self.clock.now();
            let (taken, due) = lock(&self.work).take(consumer, most, now);
            let left = deadline.saturating_duration_since(Instant::now());
            if !taken.is_empty() || left.is_zero() {
                return Ok(taken);
            }
            let until_due = due.map_or(Duration::MAX, |due| due.since(now));
            // Elapsed or woken: the next round sees which.
            let _ = tokio::time::timeout(left.min(until_due), arrived).await;
        }
    }

    async fn ack(&self, deliveries: &[Delivery]) -> Result<(), QueueError> {
        let mut work = lock(&self.work);
        for delivery in deliveries {
            work.done(&delivery.receipt);
        }
        Ok(())
    }

    async fn recover(
        &self,
        consumer: &str,
        idle: Duration,
        most: usize,
    ) -> Result<Vec<Delivery>, QueueError> {
        Ok(lock(&self.work).recover(consumer, idle, most, self.clock.now()))
    }

    async fn beat(&self, worker: &str, duty: Duty, ttl: Duration) -> Result<Crew, QueueError> {
        Ok(lock(&self.crew).beat(worker, duty, ttl, self.clock.now()))
    }

    async fn depart(&self, worker: &str) -> Result<(), QueueError> {
        lock(&self.crew).depart(worker, self.clock.now());
        Ok(())
    }

    async fn publish(&self, news: &[(String, Bytes)]) -> Result<(), QueueError> {
        for (topic, payload) in news {
            self.topics.publish(topic, payload.clone());
        }
        Ok(())
    }

    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Bytes>, QueueError> {
        Ok(self.topics.listen(topic))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }
}
