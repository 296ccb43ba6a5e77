//! Holding a tenant's lease while working for it.

use super::Parts;
use domain::ids::TenantId;
use domain::ports::Lease;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// Why a runner stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It was told to.
    Told,
    /// Somebody else holds the tenant now.
    Lost,
    /// The tenant has no desk any more.
    Gone,
}

/// A lease in our hands.
pub(super) struct Hold {
    parts: Parts,
    lease: Lease,
    ttl: Duration,
    renew_at: Instant,
    cancel: CancellationToken,
}

impl Hold {
    /// Takes the tenant's lease; none when another worker has it, or when the queue is out of
    /// reach (then nobody can take it anew, and who has it keeps it).
    pub(super) async fn take(
        parts: &Parts,
        tenant: TenantId,
        owner: &str,
        ttl: Duration,
        cancel: CancellationToken,
    ) -> Option<Self> {
        let name = format!("subscription:{tenant}");
        let asked = timeout(ttl / 3, parts.queue.lease(&name, owner, ttl)).await;
        let lease = match asked {
            Ok(Ok(lease)) => lease?,
            Ok(Err(error)) => {
                tracing::warn!(%tenant, %error, "no lease: the queue is out of reach");
                return None;
            }
            Err(_) => {
                tracing::warn!(%tenant, "no lease: the queue does not answer");
                return None;
            }
        };
        Some(Self {
            parts: parts.clone(),
            lease,
            ttl,
            renew_at: Instant::now() + ttl / 3,
            cancel,
        })
    }

    /// The number that proves to the store that we hold it.
    pub(super) fn fence(&self) -> i64 {
        self.lease.fence
    }

    /// Does `work`, renewing the lease meanwhile. Ends early, dropping the work, when told to stop
    /// or when the lease was lost.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let mut work = pin!(work);
        loop {
            let cancel = self.cancel.clone();
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(Stop::Told),
                () = sleep_until(self.renew_at) => self.renew().await?,
                done = &mut work => return Ok(done),
            }
        }
    }

    async fn renew(&mut self) -> Result<(), Stop> {
        self.renew_at = Instant::now() + self.ttl / 3;
        let asked = self
            .parts
            .queue
            .lease(&self.lease.name, &self.lease.owner, self.ttl);
        match timeout(self.ttl / 3, asked).await {
            Ok(Ok(Some(lease))) => {
                self.lease = lease;
                Ok(())
            }
            Ok(Ok(None)) => Err(Stop::Lost),
            // Who cannot reach the queue goes on: nobody else can take the lease from it either,
            // and if somebody does once it is back, the store refuses our older number.
            Ok(Err(error)) => {
                tracing::warn!(lease = %self.lease.name, %error, "lease not renewed");
                Ok(())
            }
            Err(_) => {
                tracing::warn!(lease = %self.lease.name, "lease not renewed in time");
                Ok(())
            }
        }
    }

    /// Gives it back, so that the next worker need not wait.
    pub(super) async fn release(self) {
        let released = timeout(self.ttl / 3, self.parts.queue.release(&self.lease)).await;
        if !matches!(released, Ok(Ok(()))) {
            tracing::warn!(lease = %self.lease.name, "lease not released; it will run out");
        }
    }
}
