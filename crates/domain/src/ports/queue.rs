//! The queue between web and worker. It carries work; the database carries truth: whatever is
//! lost here, the sweep of the outbox finds again.

use super::{Crew, Duty};
use crate::outbound::Wakeup;
use crate::time::Timestamp;
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use std::time::Duration;

/// A wake-up in a consumer's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What to look at.
    pub wakeup: Wakeup,
    /// The queue's own handle, given back in [`Queue::ack`].
    pub receipt: String,
}

/// The queue is out of reach. The caller goes on with the database; latency suffers, data does not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("queue: {0}")]
pub struct QueueError(pub String);

/// The queue between web and worker.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Wakes a worker now. Several wake-ups of one lane may be melted into one.
    ///
    /// # Errors
    /// [`QueueError`]: the sweep will find the work.
    async fn wake(&self, wakeups: &[Wakeup]) -> Result<(), QueueError>;

    /// Wakes a worker at an instant.
    ///
    /// # Errors
    /// As [`Queue::wake`].
    async fn wake_at(&self, wakeup: Wakeup, at: Timestamp) -> Result<(), QueueError>;

    /// The next wake-ups for this consumer: waits up to `wait` for the first, takes at most `most`.
    ///
    /// # Errors
    /// As [`Queue::wake`].
    async fn next(
        &self,
        consumer: &str,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, QueueError>;

    /// These are worked off.
    ///
    /// # Errors
    /// As [`Queue::wake`].
    async fn ack(&self, deliveries: &[Delivery]) -> Result<(), QueueError>;

    /// Takes over what other consumers took and did not acknowledge for `idle`.
    ///
    /// # Errors
    /// As [`Queue::wake`].
    async fn recover(
        &self,
        consumer: &str,
        idle: Duration,
        most: usize,
    ) -> Result<Vec<Delivery>, QueueError>;

    /// Shows that `worker` lives, for `ttl` from now, and tells who else does. Whoever has not
    /// shown itself for its `ttl` is dead, and gone from the list.
    ///
    /// # Errors
    /// As [`Queue::wake`]: nobody is declared dead by who cannot ask.
    async fn beat(&self, worker: &str, duty: Duty, ttl: Duration) -> Result<Crew, QueueError>;

    /// Takes a worker off the list: it has nothing in hand any more.
    ///
    /// # Errors
    /// As [`Queue::wake`]: it will be found dead.
    async fn depart(&self, worker: &str) -> Result<(), QueueError>;

    /// Tells whoever listens to these topics; nobody may. At most once, in their order, small, no
    /// message texts.
    ///
    /// # Errors
    /// As [`Queue::wake`].
    async fn publish(&self, news: &[(String, Bytes)]) -> Result<(), QueueError>;

    /// Listens to `topic` until the stream is dropped.
    ///
    /// # Errors
    /// As [`Queue::wake`].
    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Bytes>, QueueError>;

    /// Whether the queue answers.
    ///
    /// # Errors
    /// As [`Queue::wake`].
    async fn ping(&self) -> Result<(), QueueError>;
}
