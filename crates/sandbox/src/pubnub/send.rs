//! Publishing under the fault plan: lost, doubled or held back and reversed.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::{Keyset, PubNub, Publication};
use crate::fault::{Action, Direction, FaultService, RequestFacts};
use crate::ledger::{Entry, Service};

/// How long a message waits at most for the others of its window.
const REORDER_PATIENCE: Duration = Duration::from_millis(300);

/// The messages held back by a `reorder` rule.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Counts the windows, so that an old timer does not release a newer one.
    window: u64,
    messages: Vec<(Arc<Keyset>, Publication)>,
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
        held.messages.push((Arc::clone(keyset), publication));
        let (count, number) = (held.messages.len(), held.window);
        drop(held);
        if count >= usize::try_from(window).unwrap_or(usize::MAX) {
            self.release(number);
        } else if count == 1 {
            let network = Arc::clone(self);
            self.core.runtime.spawn(async move {
                tokio::time::sleep(REORDER_PATIENCE).await;
                network.release(number);
            });
        }
    }

    /// Sends what this window holds back, newest first.
    fn release(&self, window: u64) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.window != window {
            return;
        }
        held.window += 1;
        let messages = std::mem::take(&mut held.messages);
        drop(held);
        for (keyset, publication) in messages.into_iter().rev() {
            self.deliver(&keyset, publication, 1);
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
