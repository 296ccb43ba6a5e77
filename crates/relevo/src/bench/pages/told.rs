//! What the database was asked: every statement of the store, counted as it is sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A statement without its values, and how long it took.
#[derive(Clone, Debug)]
pub struct Asked {
    /// With places instead of values.
    pub text: String,
    /// From sent to answered.
    pub took: Duration,
}

/// What was asked since it was last looked at.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<Vec<Asked>>>);

impl Told {
    /// Notes a statement.
    pub fn note(&self, text: &str, took: Duration) {
        let text = text.to_owned();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Asked { text, took });
    }

    /// What was asked since the last time.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
