//! The waiting read.

use super::RedisQueue;
use super::keys::GROUP;
use super::link::{Blocker, failure};
use domain::ports::QueueError;
use redis::streams::StreamReadReply;
use redis::{Cmd, ErrorKind, RedisError};
use std::time::Duration;
use tokio::time::timeout;

/// An entry as it was read: id, field, value.
pub(super) type Entry = [String; 3];

impl RedisQueue {
    /// Waits up to `wait` for new entries, but no longer than `until_due`. Empty: nothing came,
    /// or the group is gone and must be made anew.
    ///
    /// Redis looks at its own block limits only some ten times a second, so for a due instant
    /// the read is unblocked from outside: a wake-up that is due now does not wait for that.
    pub(super) async fn block(
        &self,
        consumer: &str,
        most: usize,
        wait: Duration,
        until_due: Option<Duration>,
    ) -> Result<Vec<Entry>, QueueError> {
        let mut blocker = self.link.blocker().await?;
        let result = self
            .read(&mut blocker, consumer, most, wait, until_due)
            .await;
        match result {
            Ok(entries) => {
                self.link.keep(blocker);
                Ok(entries)
            }
            // A kept connection may have been closed since; the caller looks again, and then
            // a new one is made.
            Err(_) if blocker.kept => {
                self.link.forget_kept();
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    async fn read(
        &self,
        blocker: &mut Blocker,
        consumer: &str,
        most: usize,
        wait: Duration,
        until_due: Option<Duration>,
    ) -> Result<Vec<Entry>, QueueError> {
        let command = blocking_read(&self.keys.stream, consumer, most, wait);
        let id = blocker.id;
        let limit = wait + self.link.limit();
        let reading = timeout(limit, command.query_async(&mut blocker.connection));
        tokio::pin!(reading);
        let answer = match until_due.filter(|due| *due < wait) {
            None => reading.await,
            Some(due) => tokio::select! {
                answer = &mut reading => answer,
                () = tokio::time::sleep(due) => {
                    self.unblock(id).await?;
                    reading.await
                }
            },
        };
        match answer {
            Ok(Ok(reply)) => Ok(entries(reply)),
            Ok(Err(error)) if is_gone(&error) => Ok(Vec::new()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(QueueError("a blocking read kept silent".to_owned())),
        }
    }

    async fn unblock(&self, id: i64) -> Result<(), QueueError> {
        self.link
            .run(|mut connection| async move {
                let mut command = redis::cmd("CLIENT");
                command.arg("UNBLOCK").arg(id);
                command.query_async::<()>(&mut connection).await
            })
            .await
    }
}

fn blocking_read(stream: &str, consumer: &str, most: usize, wait: Duration) -> Cmd {
    let mut command = redis::cmd("XREADGROUP");
    command
        .arg("GROUP")
        .arg(GROUP)
        .arg(consumer)
        .arg("COUNT")
        .arg(most)
        .arg("BLOCK")
        // 0 would block for ever
        .arg(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
        .arg("STREAMS")
        .arg(stream)
        .arg(">");
    command
}

/// The group, or the whole stream, was deleted before or during the read.
fn is_gone(error: &RedisError) -> bool {
    matches!(error.code(), Some("NOGROUP" | "UNBLOCKED"))
        || error.kind() == ErrorKind::Extension && error.code() == Some("NOGROUP")
}

fn entries(reply: Option<StreamReadReply>) -> Vec<Entry> {
    reply
        .into_iter()
        .flat_map(|reply| reply.keys)
        .flat_map(|key| key.ids)
        .map(|entry| {
            // Every entry we write has one field. One without a readable field counts as a
            // nudge, which is thrown away after the look at what is due.
            let (field, value) = entry
                .map
                .into_iter()
                .next()
                .and_then(|(field, value)| Some((field, redis::from_redis_value(value).ok()?)))
                .unwrap_or_default();
            [entry.id, field, value]
        })
        .collect()
}
