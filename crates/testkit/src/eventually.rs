//! Waiting for conditions.

use std::future::Future;
use std::time::{Duration, Instant};

/// Looks again and again, at growing small intervals, until `look` answers `Some`, and gives
/// that.
///
/// # Panics
/// After `deadline`.
#[track_caller]
pub fn eventually<T, F, R>(deadline: Duration, mut look: F) -> impl Future<Output = T>
where
    F: FnMut() -> R,
    R: Future<Output = Option<T>>,
{
    let caller = std::panic::Location::caller();
    async move {
        let started = Instant::now();
        let mut interval = Duration::from_millis(2);
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(
                started.elapsed() < deadline,
                "{caller}: did not come true within {deadline:?}"
            );
            tokio::time::sleep(interval).await;
            interval = (interval * 3 / 2).min(Duration::from_millis(100));
        }
    }
}

/// [`eventually`] for a plain condition.
///
/// # Panics
/// After `deadline`.
#[track_caller]
pub fn until<F, R>(deadline: Duration, mut holds: F) -> impl Future<Output = ()>
where
    F: FnMut() -> R,
    R: Future<Output = bool>,
{
    eventually(deadline, move || {
        let look = holds();
        async move { look.await.then_some(()) }
    })
}
