//! Publishing under the fault plan: lost, doubled or held back and reversed.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::{Keyset, PubNub, Publication};
use crate::fault::{Action, Direction, FaultService, RequestFacts};
use crate::ledger::{Entry, Service};

/// How long a message waits at most for the others of its window.
const REORDER_PATIENCE: Duration = Duration::from_millis(300);

/// A message held back by a `reorder` rule.
#[derive(Debug)]
pub(super) struct Held {
    keyset: Arc<Keyset>,
    publication: Publication,
}

impl PubNub {
    /// Publishes as the plan allows; answers the publish timetoken, 0 if it is not yet known.
    pub fn publish(self: &Arc<Self>, keyset: &Arc<Keyset>, publication: Publication) -> u64 {
        match self.fault(&publication) {
            None => self.deliver(keyset, publication, 1),
            Some(Action::Drop) => {
                self.write(keyset, "dropped", &publication, 0);
                keyset.cursor()
            }
            Some(Action::Duplicate { copies, fresh }) => {
                if fresh {
                    (0..copies).fold(0, |_, _| self.deliver(keyset, publication.clone(), 1))
                } else {
                    self.deliver(keyset, publication, copies)
                }
            }
            Some(Action::Reorder { window }) => {
                self.hold(keyset, publication, window);
                keyset.cursor()
            }
            Some(Action::Delay { ms }) => {
                let (network, keyset) = (Arc::clone(self), Arc::clone(keyset));
                let at = keyset.cursor();
                self.core.runtime.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    network.deliver(&keyset, publication, 1);
                });
                at
            }
            Some(_) => self.deliver(keyset, publication, 1),
        }
    }

    fn fault(&self, publication: &Publication) -> Option<Action> {
        if self.core.faults.is_empty() {
            return None;
        }
        let body = publication.payload.to_string();
        self.core.faults.decide(
            FaultService::PubNub,
            &RequestFacts {
                direction: Direction::Outgoing,
                method: "SEND",
                path: &publication.channel,
                body: body.as_bytes(),
            },
        )
    }

    fn deliver(&self, keyset: &Arc<Keyset>, publication: Publication, copies: u32) -> u64 {
        let at = keyset.publish_copies(publication.clone(), copies);
        for _ in 0..copies {
            self.write(keyset, "published", &publication, at);
        }
        at
    }

    fn hold(self: &Arc<Self>, keyset: &Arc<Keyset>, publication: Publication, window: u32) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push(Held {
            keyset: Arc::clone(keyset),
            publication,
        });
        let (count, window) = (held.len(), usize::try_from(window).unwrap_or(usize::MAX));
        drop(held);
        if count >= window {
            self.release();
        } else if count == 1 {
            let network = Arc::clone(self);
            self.core.runtime.spawn(async move {
                tokio::time::sleep(REORDER_PATIENCE).await;
                network.release();
            });
        }
    }

    /// Sends what is held back, newest first.
    fn release(&self) {
        let held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        for item in held.into_iter().rev() {
            self.deliver(&item.keyset, item.publication, 1);
        }
    }

    fn write(&self, keyset: &Keyset, kind: &'static str, publication: &Publication, at: u64) {
        self.core.ledger.append(
            Service::PubNub,
            Entry {
                kind,
                account: keyset.subscribe_key.clone(),
                conversation: publication.channel.clone(),
                id: at.to_string(),
                raw: json!({ "uuid": publication.uuid, "payload": publication.payload }),
                ..Entry::default()
            },
        );
    }
}
