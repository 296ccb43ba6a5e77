//! Live updates inside one process.

use super::lock;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::sync::broadcast::{self, error::RecvError};

/// How many updates a slow listener may lag behind before it misses some.
pub(in crate::queue) const BACKLOG: usize = 256;

/// The topics somebody listens to.
#[derive(Default)]
pub(super) struct Topics {
    listened: Mutex<HashMap<String, broadcast::Sender<Bytes>>>,
}

impl Topics {
    /// Tells whoever listens.
    pub(super) fn publish(&self, topic: &str, payload: Bytes) {
        let mut listened = lock(&self.listened);
        if let Some(sender) = listened.get(topic)
            && sender.send(payload).is_err()
        {
            listened.remove(topic);
        }
    }

    /// Listens until the stream is dropped.
    pub(super) fn listen(&self, topic: &str) -> BoxStream<'static, Bytes> {
        let mut listened = lock(&self.listened);
        listened.retain(|_, sender| sender.receiver_count() > 0);
        let receiver = listened
            .entry(topic.to_owned())
            .or_insert_with(|| broadcast::channel(BACKLOG).0)
            .subscribe();
        drop(listened);
        updates(receiver).boxed()
    }
}

/// The stream of a receiver. A listener that lags misses the oldest and goes on.
pub(in crate::queue) fn updates(
    receiver: broadcast::Receiver<Bytes>,
) -> impl stream::Stream<Item = Bytes> + Send {
    stream::unfold(receiver, |mut receiver| async move {
        loop {
            match receiver.recv().await {
                Ok(payload) => return Some((payload, receiver)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    })
}
