//! Waiting for what must come true.

use std::borrow::Cow;
use std::future::Future;
use std::time::{Duration, Instant};

/// The longest wait for a single thing: generous, because a slow machine is no failure.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Looks until `look` finds something; says what is there instead when it never does.
#[track_caller]
pub fn soon<T>(
    what: impl Into<Cow<'static, str>>,
    look: impl FnMut() -> Option<T>,
    instead: impl Fn() -> String,
) -> impl Future<Output = T> {
    within(PATIENCE, what, look, instead)
}

/// [`soon`] with a patience of its own.
#[track_caller]
pub fn within<T>(
    patience: Duration,
    what: impl Into<Cow<'static, str>>,
    mut look: impl FnMut() -> Option<T>,
    instead: impl Fn() -> String,
) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    let what = what.into();
    async move {
        let started = Instant::now();
        let mut interval = Duration::from_millis(5);
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(
                started.elapsed() < patience,
                "{caller}: within {patience:?} there was no {what}; instead:\n{}",
                instead()
            );
            tokio::time::sleep(interval).await;
            interval = (interval * 3 / 2).min(Duration::from_millis(100));
        }
    }
}
