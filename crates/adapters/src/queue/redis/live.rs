//! Live updates: one pub/sub connection per process, however many listen.

use super::super::memory::{BACKLOG, updates};
use bytes::Bytes;
use domain::ports::QueueError;
use futures::stream::{self, BoxStream, StreamExt};
use redis::Client;
use redis::aio::{PubSubSink, PubSubStream};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{Instant, timeout};

/// How often a quiet connection is asked whether it lives.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// The longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

type Subscribed = Result<broadcast::Receiver<Bytes>, QueueError>;

enum Order {
    /// Somebody begins to listen.
    Listen(String, oneshot::Sender<Subscribed>),
    /// Somebody stopped listening.
    Left(String),
}

/// The hub of all listeners of this process.
pub(super) struct Live {
    orders: mpsc::UnboundedSender<Order>,
    limit: Duration,
}

impl Live {
    /// Starts the hub; it ends when the queue and all listeners are dropped. It connects when
    /// the first one listens. Must be called inside a tokio runtime.
    pub(super) fn start(client: Client, limit: Duration) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let hub = Hub {
            client,
            limit,
            inbox,
            listened: HashMap::new(),
        };
        tokio::spawn(hub.run());
        Self { orders, limit }
    }

    /// Listens to `channel`; once this returns, nothing published is missed until the
    /// connection breaks.
    pub(super) async fn listen(
        &self,
        channel: String,
    ) -> Result<BoxStream<'static, Bytes>, QueueError> {
        let (answer, answered) = oneshot::channel();
        let stopped = || QueueError("live updates stopped".to_owned());
        self.orders
            .send(Order::Listen(channel.clone(), answer))
            .map_err(|_| stopped())?;
        let receiver = timeout(self.limit, answered)
            .await
            .map_err(|_| QueueError("no answer to a subscription".to_owned()))?
            .map_err(|_| stopped())??;
        let leave = Leave {
            channel,
            orders: self.orders.clone(),
        };
        let stream = stream::unfold(
            (updates(receiver).boxed(), leave),
            |(mut inner, leave)| async move {
                let payload = inner.next().await?;
                Some((payload, (inner, leave)))
            },
        );
        Ok(stream.boxed())
    }
}

/// Tells the hub when a listener is dropped.
struct Leave {
    channel: String,
    orders: mpsc::UnboundedSender<Order>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        // The hub may be gone already; then there is nothing to leave.
        let _ = self
            .orders
            .send(Order::Left(std::mem::take(&mut self.channel)));
    }
}

struct Hub {
    client: Client,
    limit: Duration,
    inbox: mpsc::UnboundedReceiver<Order>,
    listened: HashMap<String, broadcast::Sender<Bytes>>,
}

impl Hub {
    async fn run(mut self) {
        let mut pause = Duration::from_millis(50);
        loop {
            // Without listeners there is no connection.
            if self.listened.is_empty() {
                match self.inbox.recv().await {
                    None => return,
                    Some(Order::Left(_)) => continue,
                    Some(Order::Listen(channel, answer)) => match self.connect().await {
                        Ok((mut sink, stream)) => {
                            self.subscribe(&mut sink, channel, answer).await;
                            if self.serve(sink, stream).await.is_break() {
                                return;
                            }
                        }
                        Err(error) => drop(answer.send(Err(error))),
                    },
                }
                continue;
            }
            match self.connect().await {
                Ok((sink, stream)) => {
                    pause = Duration::from_millis(50);
                    if self.serve(sink, stream).await.is_break() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "live updates: no connection");
                    if self.wait(pause, &error).await.is_break() {
                        return;
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// A new connection, subscribed to everything that is listened to.
    async fn connect(&self) -> Result<(PubSubSink, PubSubStream), QueueError> {
        let connecting = async {
            let (mut sink, stream) = self.client.get_async_pubsub().await?.split();
            for channel in self.listened.keys() {
                sink.subscribe(channel).await?;
            }
            redis::RedisResult::Ok((sink, stream))
        };
        timeout(self.limit, connecting)
            .await
            .map_err(|_| QueueError("no connection for live updates".to_owned()))?
            .map_err(|error| super::link::failure(&error))
    }

    /// Passes updates on until the connection breaks, the last listener leaves (continue), or
    /// everybody is gone (break).
    async fn serve(&mut self, mut sink: PubSubSink, mut stream: PubSubStream) -> ControlFlow<()> {
        let mut heartbeat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        while !self.listened.is_empty() {
            tokio::select! {
                message = stream.next() => match message {
                    None => return ControlFlow::Continue(()),
                    Some(message) => {
                        if let Some(sender) = self.listened.get(message.get_channel_name()) {
                            // An error means that the listener is just leaving.
                            let _ = sender.send(Bytes::copy_from_slice(message.get_payload_bytes()));
                        }
                    }
                },
                order = self.inbox.recv() => match order {
                    None => return ControlFlow::Break(()),
                    Some(Order::Listen(channel, answer)) => {
                        self.subscribe(&mut sink, channel, answer).await;
                    }
                    Some(Order::Left(channel)) => self.left(&mut sink, &channel).await,
                },
                _ = heartbeat.tick() => {
                    let alive = timeout(self.limit, sink.ping::<()>()).await;
                    if !matches!(alive, Ok(Ok(()))) {
                        return ControlFlow::Continue(());
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    async fn subscribe(
        &mut self,
        sink: &mut PubSubSink,
        channel: String,
        answer: oneshot::Sender<Subscribed>,
    ) {
        let result = match self.listened.get(&channel) {
            Some(sender) => Ok(sender.subscribe()),
            None => match timeout(self.limit, sink.subscribe(&channel)).await {
                Ok(Ok(())) => {
                    let (sender, receiver) = broadcast::channel(BACKLOG);
                    self.listened.insert(channel.clone(), sender);
                    Ok(receiver)
                }
                Ok(Err(error)) => Err(super::link::failure(&error)),
                Err(_) => Err(QueueError("no answer to a subscription".to_owned())),
            },
        };
        if answer.send(result).is_err() {
            // The listener gave up while it was being subscribed.
            self.left(sink, &channel).await;
        }
    }

    async fn left(&mut self, sink: &mut PubSubSink, channel: &str) {
        if self.forget(channel) {
            // A broken connection is noticed by the next read, and the new one does not
            // subscribe to this channel.
            let _ = timeout(self.limit, sink.unsubscribe(channel)).await;
        }
    }

    /// Forgets a channel nobody listens to; whether it was known.
    fn forget(&mut self, channel: &str) -> bool {
        match self.listened.get(channel) {
            Some(sender) if sender.receiver_count() == 0 => {
                self.listened.remove(channel);
                true
            }
            _ => false,
        }
    }

    /// Waits before the next attempt, answering orders meanwhile.
    async fn wait(&mut self, pause: Duration, error: &QueueError) -> ControlFlow<()> {
        let until = Instant::now() + pause;
        loop {
            match tokio::time::timeout_at(until, self.inbox.recv()).await {
                Err(_) => return ControlFlow::Continue(()),
                Ok(None) => return ControlFlow::Break(()),
                Ok(Some(Order::Left(channel))) => {
                    self.forget(&channel);
                }
                // A listener that gave up does not need the answer.
                Ok(Some(Order::Listen(_, answer))) => drop(answer.send(Err(error.clone()))),
            }
        }
    }
}
