//! The append-only record of what each simulated service received and sent.
//!
//! A test's oracle joins these rows with its own list of what it sent: a message is delivered when
//! its row stands here, and doubled when two rows carry the same identity.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::clock::Clock;

/// The simulated services that keep a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Telegram's Bot API.
    Telegram,
    /// WhatsApp, Messenger and Instagram.
    Graph,
    /// Let's Talk's REST API.
    LetsTalk,
    /// PubNub.
    PubNub,
    /// The webhooks which the channels send out.
    Webhook,
    /// The example bot.
    Bot,
}

/// What a service wants written down; the ledger adds sequence, time and hash.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What happened, in snake_case, such as `message_stored` or `request`.
    pub kind: &'static str,
    /// The account it belongs to: a phone number id, a bot id, an organization id.
    pub account: String,
    /// The conversation or chat within the account, empty when there is none.
    pub conversation: String,
    /// The service's own id of the thing, empty when there is none.
    pub id: String,
    /// The identity which the sender gave it (`remote_id`, `biz_opaque_callback_data`, `metadata`).
    pub remote_id: Option<String>,
    /// The text a person reads, if any.
    pub text: Option<String>,
    /// Everything else, as the service saw it.
    pub raw: serde_json::Value,
}

/// One written row.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Position in the ledger of this service, from 1, without gaps.
    pub seq: u64,
    /// When it was written: milliseconds since 1970.
    pub at_ms: u64,
    /// See [`Entry::kind`].
    pub kind: &'static str,
    /// See [`Entry::account`].
    pub account: String,
    /// See [`Entry::conversation`].
    pub conversation: String,
    /// See [`Entry::id`].
    pub id: String,
    /// See [`Entry::remote_id`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_id: Option<String>,
    /// SHA-256 of the text's UTF-8 bytes in lower-case hex; empty when there is no text.
    pub text_hash: String,
    /// See [`Entry::text`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// See [`Entry::raw`].
    pub raw: Box<RawValue>,
}

/// The ledgers of all services.
#[derive(Debug)]
pub struct Ledger {
    clock: Clock,
    rows: Mutex<HashMap<Service, Vec<Row>>>,
    grown: Notify,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            rows: Mutex::default(),
            grown: Notify::new(),
        }
    }

    /// Writes one row and answers its sequence number.
    pub fn append(&self, service: Service, entry: Entry) -> u64 {
        let raw = serde_json::value::to_raw_value(&entry.raw).unwrap_or_default();
        let text_hash = entry.text.as_deref().map(hash_hex).unwrap_or_default();
        let at_ms = self.clock.now_ms();
        let mut ledgers = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = ledgers.entry(service).or_default();
        let seq = rows.len() as u64 + 1;
        rows.push(Row {
            seq,
            at_ms,
            kind: entry.kind,
            account: entry.account,
            conversation: entry.conversation,
            id: entry.id,
            remote_id: entry.remote_id,
            text_hash,
            text: entry.text,
            raw,
        });
        drop(ledgers);
        self.grown.notify_waiters();
        seq
    }

    /// Up to `limit` rows whose sequence is greater than `after`, oldest first.
    #[must_use]
    pub fn rows(&self, service: Service, after: u64, limit: usize) -> Vec<Row> {
        let ledgers = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = usize::try_from(after).unwrap_or(usize::MAX);
        ledgers.get(&service).map_or_else(Vec::new, |rows| {
            rows.iter().skip(skip).take(limit).cloned().collect()
        })
    }

    /// How many rows of this kind the service has.
    #[must_use]
    pub fn count(&self, service: Service, kind: &str) -> usize {
        let ledgers = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        ledgers
            .get(&service)
            .map_or(0, |rows| rows.iter().filter(|row| row.kind == kind).count())
    }

    /// Row counts by kind.
    #[must_use]
    pub fn summary(&self, service: Service) -> HashMap<&'static str, usize> {
        let ledgers = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts = HashMap::new();
        for row in ledgers.get(&service).into_iter().flatten() {
            *counts.entry(row.kind).or_default() += 1;
        }
        counts
    }

    /// Waits until a row satisfies `wanted`, looking only at rows after `after`.
    ///
    /// Answers `None` when `within` passes first.
    pub async fn wait_for(
        &self,
        service: Service,
        after: u64,
        within: Duration,
        wanted: impl Fn(&Row) -> bool,
    ) -> Option<Row> {
        let mut seen = after;
        let look = async {
            loop {
                // Registered before looking, or a row could slip in between.
                let grown = self.grown.notified();
                tokio::pin!(grown);
                grown.as_mut().enable();
                for row in self.rows(service, seen, usize::MAX) {
                    seen = row.seq;
                    if wanted(&row) {
                        return row;
                    }
                }
                grown.await;
            }
        };
        tokio::time::timeout(within, look).await.ok()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.rows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// SHA-256 of the text in lower-case hex, as it stands in [`Row::text_hash`].
#[must_use]
pub fn hash_hex(text: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(text.as_ref()))
}
