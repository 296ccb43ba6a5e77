//! One connection for each subscription, on which nothing is kept while nothing comes.
//!
//! A poll waits for minutes, thousands of them at a time. A general client keeps some 30 KB for each: room for
//! writing and reading, a channel to the task that drives the connection, the task. Here the poll itself reads
//! the socket, and only what came takes memory (`docs/adr/0016-polls-on-bare-connections.md`).
//!
//! ```text
//! get ─▶ connection, kept or dialled ─▶ request ┄┄ minutes ┄┄▶ pieces ─▶ answer ─▶ connection kept
//! ```

mod answer;
mod dial;

pub(super) use answer::Answer;

use answer::{Malformed, Reading};
use dial::Dialer;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use url::{Position, Url};

/// So much is read at a time, onto the stack.
const PIECE: usize = 8 * 1024;

/// Bytes both ways, in the clear or over TLS.
trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// A connection on which no answer is outstanding.
pub(super) struct Connection(Box<dyn Bytes>);

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

/// The way to PubNub's origin, the same for all subscriptions.
#[derive(Debug)]
pub(super) struct Wire {
    dialer: Dialer,
    /// The origin, which every request's address begins with.
    origin: Url,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// Nobody was reached.
    Unreachable,
    /// The connection ended before anything of an answer came.
    Unanswered,
    /// The connection ended before the answer did.
    Cut,
    /// There was none in time.
    Late,
    /// What came is no HTTP/1.1, or too much of it.
    Malformed,
}

impl From<Malformed> for Failed {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl Wire {
    /// To `http://…` or `https://…`.
    ///
    /// # Errors
    /// When that is no such address, or this machine's certificates cannot be read.
    pub(super) fn to(origin: &str) -> anyhow::Result<Self> {
        let origin = Url::parse(origin)?;
        Ok(Self {
            dialer: Dialer::to(&origin)?,
            origin,
        })
    }

    /// The origin, without a slash at its end.
    pub(super) fn origin(&self) -> &str {
        self.origin.as_str().trim_end_matches('/')
    }

    /// GETs an address of the origin, on the connection that is kept if there is one. No error holds the
    /// address: it carries the keys.
    ///
    /// # Errors
    /// Why there was no answer within `limit`; all of it may be tried again.
    pub(super) async fn get(
        &self,
        kept: &mut Option<Connection>,
        address: &Url,
        limit: Duration,
    ) -> Result<Answer, Failed> {
        tokio::time::timeout(limit, self.converse(kept, address))
            .await
            .unwrap_or(Err(Failed::Late))
    }

    async fn converse(
        &self,
        kept: &mut Option<Connection>,
        address: &Url,
    ) -> Result<Answer, Failed> {
        if let Some(mut connection) = kept.take()
            && connection.is_quiet().await
        {
            match connection.exchange(self.request(address)).await {
                // It may have ended while nobody looked, which is no trouble of the other side's.
                Err(Failed::Unanswered) => {}
                answer => {
                    *kept =
                        Some(connection).filter(|_| answer.as_ref().is_ok_and(|it| it.keeps_open));
                    return answer;
                }
            }
        }
        // Apart, or the poll would keep room for what is needed only now.
        let dialled = Box::pin(self.dialer.dial()).await;
        let mut connection = dialled.map_err(|_| Failed::Unreachable)?;
        let answer = connection.exchange(self.request(address)).await?;
        *kept = Some(connection).filter(|_| answer.keeps_open);
        Ok(answer)
    }

    fn request(&self, address: &Url) -> Vec<u8> {
        let target = &address[Position::BeforePath..Position::AfterQuery];
        let host = &self.origin[Position::BeforeHost..Position::AfterPort];
        format!("GET {target} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n\r\n").into_bytes()
    }
}

impl Connection {
    /// Whether the other side has neither closed nor said anything unasked.
    async fn is_quiet(&mut self) -> bool {
        poll_fn(|cx| {
            let mut room = [0; 1];
            let mut read = ReadBuf::new(&mut room);
            let read = Pin::new(&mut self.0).poll_read(cx, &mut read);
            Poll::Ready(read.is_pending())
        })
        .await
    }

    async fn exchange(&mut self, request: Vec<u8>) -> Result<Answer, Failed> {
        let written = self.write(request).await;
        written.map_err(|_| Failed::Unanswered)?;
        let mut reading = Reading::default();
        poll_fn(|cx| {
            loop {
                let mut room = [0; PIECE];
                let mut read = ReadBuf::new(&mut room);
                let read = match ready!(Pin::new(&mut self.0).poll_read(cx, &mut read)) {
                    Ok(()) => read.filled(),
                    Err(_) => return Poll::Ready(Err(reading.failed())),
                };
                let answer = match read {
                    [] => Some(reading.end().ok_or_else(|| reading.failed())?),
                    some => reading.take(some)?,
                };
                if let Some(answer) = answer {
                    return Poll::Ready(Ok(answer));
                }
            }
        })
        .await
    }

    async fn write(&mut self, request: Vec<u8>) -> io::Result<()> {
        self.0.write_all(&request).await?;
        self.0.flush().await
    }
}

impl Reading {
    /// What it means that the connection ended.
    fn failed(&self) -> Failed {
        match self.has_begun() {
            true => Failed::Cut,
            false => Failed::Unanswered,
        }
    }
}
