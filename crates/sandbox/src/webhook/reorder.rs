//! Holding webhooks back so that they leave in another order.

use std::sync::Mutex;

use super::hooks::Delivery;
use crate::phone::locked::lock;

/// Deliveries that wait for others.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    held: Mutex<Vec<Delivery>>,
}

impl Waiting {
    /// Holds one; when `window` are together they come back in reverse order.
    pub fn hold(&self, delivery: Delivery, window: usize) -> Vec<Delivery> {
        let mut held = lock(&self.held);
        held.push(delivery);
        if held.len() < window.max(1) {
            return Vec::new();
        }
        held.drain(..).rev().collect()
    }

    /// Whatever still waits, in reverse order: nothing is lost by waiting.
    pub fn flush(&self) -> Vec<Delivery> {
        lock(&self.held).drain(..).rev().collect()
    }
}
