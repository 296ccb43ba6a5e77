//! A TCP proxy in front of what a test mistreats: it spreads connections over several targets,
//! goes on with another one when one is gone, and can cut, slow and swallow.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a target may take to accept.
const ACCEPT: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Inner {
    targets: Mutex<Vec<SocketAddr>>,
    turn: AtomicUsize,
    delay_ms: AtomicU64,
    silent: AtomicBool,
    /// Raised to end all open connections.
    cuts: watch::Sender<u64>,
}

/// The proxy; closes when dropped.
#[derive(Debug)]
pub struct Gate {
    listen: SocketAddr,
    inner: Arc<Inner>,
    task: JoinHandle<()>,
}

impl Gate {
    /// Opens on a free port of loopback, in front of `targets`, of which each new connection
    /// gets the next one that accepts.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn open(targets: &[SocketAddr]) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let listen = listener.local_addr()?;
        let inner = Arc::new(Inner {
            targets: Mutex::new(targets.to_vec()),
            turn: AtomicUsize::default(),
            delay_ms: AtomicU64::default(),
            silent: AtomicBool::default(),
            cuts: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&inner)));
        Ok(Self {
            listen,
            inner,
            task,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// Sends new connections somewhere else, and ends those that are open.
    pub fn point_at(&self, targets: &[SocketAddr]) {
        *self
            .inner
            .targets
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = targets.to_vec();
        self.cut();
    }

    /// Ends all open connections.
    pub fn cut(&self) {
        self.inner.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Holds every piece back for so long, in each direction.
    pub fn delay(&self, span: Duration) {
        let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.inner.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Swallows whatever comes and closes nothing. A connection on which something was swallowed
    /// only seems to be there ever after, until it is cut; new ones work again when this is over.
    pub fn silence(&self, silent: bool) {
        self.inner.silent.store(silent, Ordering::Relaxed);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    loop {
        match listener.accept().await {
            Ok((near, _)) => {
                tokio::spawn(pass(near, Arc::clone(&inner)));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn pass(near: TcpStream, inner: Arc<Inner>) {
    let mut cuts = inner.cuts.subscribe();
    let Some(far) = reach(&inner).await else {
        return;
    };
    // Small pieces that wait for each other would be a fault nobody asked for.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let dead = AtomicBool::default();
    tokio::select! {
        () = pump(near_in, far_out, &inner, &dead) => {}
        () = pump(far_in, near_out, &inner, &dead) => {}
        _ = cuts.changed() => {}
    }
}

/// The next target that accepts.
async fn reach(inner: &Inner) -> Option<TcpStream> {
    let targets = inner
        .targets
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let first = inner.turn.fetch_add(1, Ordering::Relaxed);
    for n in 0..targets.len() {
        let target = targets[(first + n) % targets.len()];
        let tried = tokio::time::timeout(ACCEPT, TcpStream::connect(target)).await;
        if let Ok(Ok(stream)) = tried {
            return Some(stream);
        }
    }
    None
}

/// Carries bytes one way until either side ends.
async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    inner: &Inner,
    dead: &AtomicBool,
) {
    let mut piece = vec![0_u8; 64 * 1024];
    loop {
        let size = match from.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(size) => size,
        };
        let delay = inner.delay_ms.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        if inner.silent.load(Ordering::Relaxed) {
            dead.store(true, Ordering::Relaxed);
        }
        if dead.load(Ordering::Relaxed) {
            continue;
        }
        if to.write_all(&piece[..size]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        Ok(address)
    }

    async fn said(stream: &mut TcpStream) -> io::Result<u8> {
        stream.write_all(b"x").await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_gate_passes_over_a_dead_target_and_cuts_when_told() -> io::Result<()> {
        let dead = SocketAddr::from(([127, 0, 0, 1], crate::free_port()));
        let gate = Gate::open(&[dead, echo().await?]).await?;
        let mut stream = TcpStream::connect(gate.address()).await?;
        assert_eq!(said(&mut stream).await?, b'x');
        gate.cut();
        assert!(said(&mut stream).await.is_err());
        let mut again = TcpStream::connect(gate.address()).await?;
        assert_eq!(said(&mut again).await?, b'x');
        Ok(())
    }
}
