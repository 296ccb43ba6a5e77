//! A tenant in our hands: the number that proves it to the store, and the word to let go.

use std::pin::pin;
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

/// A tenant in our hands. Nobody else takes it while we are seen alive; if somebody does all the
/// same (we were frozen, or cut off), the store refuses our older number.
pub(super) struct Hold {
    fence: i64,
    cancel: CancellationToken,
}

impl Hold {
    /// `fence` is the epoch of the list of workers by which the tenant is ours.
    pub(super) fn new(fence: i64, cancel: CancellationToken) -> Self {
        Self { fence, cancel }
    }

    /// The number that proves to the store that we hold it.
    pub(super) fn fence(&self) -> i64 {
        self.fence
    }

    /// Does `work`. Ends early, dropping the work, when told to stop.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Stop::Told),
            done = &mut work => Ok(done),
        }
    }
}
