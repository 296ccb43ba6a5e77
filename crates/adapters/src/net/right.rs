//! The right to make requests. A process may be stopped at any point and run on when others have
//! taken over what it had in hand; so the right is asked for whenever a part of a request is about
//! to leave.

use std::future::Future;
use std::sync::Arc;

tokio::task_local! {
    /// Of the task that makes the requests.
    static RIGHT: Right;
}

/// Answers whether requests may be made now.
pub type Right = Arc<dyn Fn() -> bool + Send + Sync>;

/// Carries `work` out; a request that it makes after the right has lapsed does not leave, and ends
/// as [`Unanswered::Withdrawn`](super::Unanswered::Withdrawn).
pub fn by_right<T>(right: Right, work: impl Future<Output = T>) -> impl Future<Output = T> {
    RIGHT.scope(right, work)
}

/// The right by which this task makes requests; work outside of [`by_right`] needs none.
pub(super) fn of_this_task() -> Option<Right> {
    RIGHT.try_with(Arc::clone).ok()
}
