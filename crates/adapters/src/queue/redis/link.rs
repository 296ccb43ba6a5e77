//! Connections to Redis. Every call has a time limit; a connection that failed or kept silent
//! is thrown away, because a half-open one would keep silent for minutes.

use super::RedisQueueOptions;
use domain::ports::QueueError;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};
use std::future::Future;
use std::sync::{Mutex as SyncMutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// After a failed attempt, callers fail at once for this long instead of queueing up behind
/// one attempt after the other.
const PAUSE: Duration = Duration::from_millis(200);

/// At most this many idle connections for blocking reads are kept.
const IDLE: usize = 8;

/// A connection of its own for one blocking read.
pub(super) struct Blocker {
    /// The connection.
    pub(super) connection: MultiplexedConnection,
    /// Redis's number of it, for `CLIENT UNBLOCK`.
    pub(super) id: i64,
    /// It has served before and may have been closed since.
    pub(super) kept: bool,
}

#[derive(Default)]
struct Shared {
    connection: Option<MultiplexedConnection>,
    generation: u64,
    failed: Option<(Instant, String)>,
}

/// The way to Redis.
pub(super) struct Link {
    client: Client,
    shared: Mutex<Shared>,
    idle: SyncMutex<Vec<Blocker>>,
    limit: Duration,
}

/// Words of a failure without addresses or credentials.
pub(super) fn failure(error: &RedisError) -> QueueError {
    QueueError(match error.code() {
        Some(code) => format!("refused: {code}"),
        None => error.category().to_owned(),
    })
}

fn silent(limit: Duration) -> QueueError {
    QueueError(format!("no answer within {} ms", limit.as_millis()))
}

impl Link {
    /// Nothing is connected yet.
    pub(super) fn new(client: Client, options: &RedisQueueOptions) -> Self {
        Self {
            client,
            shared: Mutex::default(),
            idle: SyncMutex::default(),
            limit: options.call_timeout,
        }
    }

    /// The client, for a pub/sub connection.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The time limit of a call.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Runs `work` on the shared connection. When the connection turns out to be closed (Redis
    /// was restarted), it is run once more on a new one: everything we send may be repeated.
    pub(super) async fn run<T, F, R>(&self, work: F) -> Result<T, QueueError>
    where
        F: Fn(MultiplexedConnection) -> R + Send,
        R: Future<Output = RedisResult<T>> + Send,
    {
        let mut retried = false;
        loop {
            let (connection, generation, fresh) = self.shared().await?;
            match timeout(self.limit, work(connection)).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => {
                    let closed = error.is_unrecoverable_error() || error.is_io_error();
                    if closed {
                        self.discard(generation).await;
                    }
                    if !closed || fresh || retried {
                        return Err(failure(&error));
                    }
                    retried = true;
                }
                Err(_) => {
                    self.discard(generation).await;
                    return Err(silent(self.limit));
                }
            }
        }
    }

    async fn shared(&self) -> Result<(MultiplexedConnection, u64, bool), QueueError> {
        let mut shared = self.shared.lock().await;
        if let Some(connection) = &shared.connection {
            return Ok((connection.clone(), shared.generation, false));
        }
        if let Some((at, why)) = &shared.failed
            && at.elapsed() < PAUSE
        {
            return Err(QueueError(why.clone()));
        }
        match self.connect().await {
            Ok(connection) => {
                shared.failed = None;
                shared.generation += 1;
                shared.connection = Some(connection.clone());
                Ok((connection, shared.generation, true))
            }
            Err(error) => {
                shared.failed = Some((Instant::now(), error.0.clone()));
                Err(error)
            }
        }
    }

    async fn discard(&self, generation: u64) {
        let mut shared = self.shared.lock().await;
        if shared.generation == generation {
            shared.connection = None;
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, QueueError> {
        // Limits are ours, per call: the library's own response limit would cut blocking reads.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.limit))
            .set_response_timeout(None);
        let connecting = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        timeout(self.limit, connecting)
            .await
            .map_err(|_| silent(self.limit))?
            .map_err(|error| failure(&error))
    }

    /// A connection for one blocking read; given back with [`Link::keep`] when it is in order,
    /// dropped otherwise.
    pub(super) async fn blocker(&self) -> Result<Blocker, QueueError> {
        let idle = self.idle().pop();
        if let Some(blocker) = idle {
            return Ok(blocker);
        }
        let mut connection = self.connect().await?;
        let mut ask = redis::cmd("CLIENT");
        ask.arg("ID");
        let id = timeout(self.limit, ask.query_async(&mut connection))
            .await
            .map_err(|_| silent(self.limit))?
            .map_err(|error| failure(&error))?;
        Ok(Blocker {
            connection,
            id,
            kept: false,
        })
    }

    /// Keeps a connection for the next blocking read.
    pub(super) fn keep(&self, mut blocker: Blocker) {
        blocker.kept = true;
        let mut idle = self.idle();
        if idle.len() < IDLE {
            idle.push(blocker);
        }
    }

    /// Drops what is kept: one turned out to be closed, so the others are too.
    pub(super) fn forget_kept(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Blocker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
