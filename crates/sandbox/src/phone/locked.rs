//! Short critical sections over in-memory state.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Enters the mutex even when another thread panicked inside it: the state of a
/// simulator is plain data, and a poisoned lock would only hide the first error.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
