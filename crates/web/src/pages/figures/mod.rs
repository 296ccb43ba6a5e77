//! What the dashboard and the history of handoffs share: numbers in words, and spans of days.

pub(crate) mod period;
pub(crate) mod words;
