//! Posting one webhook, with its faults, retries and ledger rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;

use super::reorder::Waiting;
use super::schedule::Persistence;
use crate::Core;
use crate::fault::{Action, Direction, FaultService, RequestFacts};
use crate::ledger::{Entry, Service};
use crate::phone::kind::Kind;

/// One webhook, ready to be posted.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Which channel it is about.
    pub kind: Kind,
    /// The line's id.
    pub account: String,
    /// The contact's id, empty for a batch.
    pub conversation: String,
    /// The platform's id of what it tells: wamid, mid or update_id.
    pub id: String,
    /// Where it goes.
    pub url: String,
    /// Headers besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The exact bytes.
    pub body: Bytes,
}

/// What the receiver said to one try.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// HTTP status; `None` when there was no answer at all.
    pub status: Option<u16>,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    /// The body, cut at 64 KiB.
    pub body: Bytes,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl Answer {
    /// Whether Meta counts it as received: exactly 200.
    pub fn is_200(&self) -> bool {
        self.status == Some(200)
    }

    /// Whether Telegram counts it as received: any 2xx.
    pub fn is_2xx(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// How the whole delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Received.
    Delivered,
    /// Tried for as long as the platform tries.
    GaveUp,
    /// Lost by the fault plan before the first try.
    Dropped,
}

/// What the fault plan does to one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// Goes out so many times, at once.
    Send(u32),
    /// Never goes out.
    Drop,
    /// Waits for others.
    Reorder(u32),
}

/// The sender; clones of its `Arc` share everything.
#[derive(Debug)]
pub struct Hooks {
    core: Core,
    waiting: Waiting,
    /// Thousandths of real time that one unit of platform time takes when waiting for a retry.
    scale_permille: AtomicU64,
}

impl Hooks {
    /// A sender that waits as long as the platforms do.
    pub fn new(core: Core) -> Arc<Self> {
        Arc::new(Hooks {
            core,
            waiting: Waiting::default(),
            scale_permille: AtomicU64::new(1000),
        })
    }

    /// Makes the pauses between retries shorter: 1.0 is the platform's own time, 0.001 turns a
    /// second into a millisecond.
    pub fn set_retry_scale(&self, scale: f64) {
        let permille = (scale.clamp(0.0, 1000.0) * 1000.0).round();
        // In range by the clamp above.
        self.scale_permille
            .store(permille as u64, Ordering::Relaxed);
    }

    /// Sleeps for `seconds` of platform time.
    pub async fn pause(&self, seconds: u64) {
        let ms = seconds.saturating_mul(self.scale_permille.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    /// Asks the fault plan about a delivery; a delay is waited for here.
    pub async fn handling(&self, delivery: &Delivery) -> Handling {
        if self.core.faults.is_empty() {
            return Handling::Send(1);
        }
        let facts = RequestFacts {
            direction: Direction::Outgoing,
            method: "POST",
            path: &delivery.url,
            body: &delivery.body,
        };
        match self.core.faults.decide(FaultService::Webhook, &facts) {
            Some(Action::Delay { ms }) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                Handling::Send(1)
            }
            Some(Action::Duplicate { copies, .. }) => Handling::Send(copies.max(1)),
            Some(Action::Reorder { window }) => Handling::Reorder(window),
            Some(Action::Drop) => {
                self.note(delivery, "webhook_dropped", json!({}));
                Handling::Drop
            }
            _ => Handling::Send(1),
        }
    }

    /// Sends a webhook on its own, as Meta does: faults first, then tries until 200 or given up.
    pub async fn deliver(self: &Arc<Self>, delivery: Delivery, how: Persistence) -> Outcome {
        match self.handling(&delivery).await {
            Handling::Drop => Outcome::Dropped,
            Handling::Send(copies) => self.deliver_copies(delivery, copies, how).await,
            Handling::Reorder(window) => {
                let ready = self.waiting.hold(delivery, window as usize);
                if ready.is_empty() {
                    // Whoever waits in vain for company still goes out.
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    return self.deliver_in_turn(self.waiting.flush(), how).await;
                }
                self.deliver_in_turn(ready, how).await
            }
        }
    }

    async fn deliver_in_turn(self: &Arc<Self>, all: Vec<Delivery>, how: Persistence) -> Outcome {
        let mut outcome = Outcome::Delivered;
        for delivery in all {
            if self.persist(&delivery, how).await == Outcome::GaveUp {
                outcome = Outcome::GaveUp;
            }
        }
        outcome
    }

    async fn deliver_copies(
        self: &Arc<Self>,
        delivery: Delivery,
        copies: u32,
        how: Persistence,
    ) -> Outcome {
        let more: Vec<_> = (1..copies)
            .map(|_| {
                let (hooks, copy) = (self.clone(), delivery.clone());
                tokio::spawn(async move { hooks.persist(&copy, how).await })
            })
            .collect();
        let outcome = self.persist(&delivery, how).await;
        for copy in more {
            // A copy's end changes nothing; only a crash would be of interest, and that is logged.
            if let Err(error) = copy.await {
                tracing::error!(%error, "a webhook copy crashed");
            }
        }
        outcome
    }

    async fn persist(&self, delivery: &Delivery, how: Persistence) -> Outcome {
        let mut tries = 0;
        loop {
            let answer = self.attempt(delivery, how.timeout, tries + 1).await;
            if answer.is_200() {
                return Outcome::Delivered;
            }
            tries += 1;
            match how.pause_after(tries) {
                Some(seconds) => self.pause(seconds).await,
                None => {
                    self.note(delivery, "webhook_given_up", json!({ "tries": tries }));
                    return Outcome::GaveUp;
                }
            }
        }
    }

    /// One POST, with a `webhook` row in the ledger: what was sent, the answer, and how long it took.
    pub async fn attempt(&self, delivery: &Delivery, timeout: Duration, number: usize) -> Answer {
        let started = Instant::now();
        let mut request = self
            .core
            .http
            .post(&delivery.url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .body(delivery.body.clone());
        for (name, value) in &delivery.headers {
            request = request.header(*name, value);
        }
        let answer = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                let retry_after = response
                    .headers()
                    .get("Retry-After")
                    .and_then(|value| value.to_str().ok())
                    .and_then(|value| value.parse().ok());
                let body = response.bytes().await.unwrap_or_default();
                let end = body.len().min(64 * 1024);
                Answer {
                    status: Some(status),
                    retry_after,
                    body: body.slice(..end),
                    error: None,
                }
            }
            Err(error) => Answer {
                error: Some(error.without_url().to_string()),
                ..Answer::default()
            },
        };
        self.note(
            delivery,
            "webhook",
            json!({
                "try": number,
                "status": answer.status,
                "error": answer.error,
                "took_ms": started.elapsed().as_millis() as u64,
                "bytes": delivery.body.len(),
            }),
        );
        answer
    }

    fn note(&self, delivery: &Delivery, kind: &'static str, mut raw: serde_json::Value) {
        raw["channel"] = delivery.kind.name().into();
        self.core.ledger.append(
            Service::Webhook,
            Entry {
                kind,
                account: delivery.account.clone(),
                conversation: delivery.conversation.clone(),
                id: delivery.id.clone(),
                raw,
                ..Entry::default()
            },
        );
    }
}
