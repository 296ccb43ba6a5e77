//! Who is where, and telling it on the `-pnpres` channels.

use std::sync::Arc;

use serde_json::json;

use super::super::presence::{Change, Presence};
use super::super::wire::{Publication, Stored};
use super::Keyset;

impl Keyset {
    /// The uuid is alive on these channels for `timeout_ms` more.
    pub fn heartbeat(&self, channels: &[String], groups: &[String], uuid: &str, timeout_ms: u64) {
        self.change_presence(
            |presence, names, now| {
                names
                    .iter()
                    .filter_map(|name| presence.seen(name, uuid, now + timeout_ms))
                    .collect()
            },
            channels,
            groups,
        );
    }

    /// The uuid leaves these channels.
    pub fn leave(&self, channels: &[String], groups: &[String], uuid: &str) {
        self.change_presence(
            |presence, names, _| {
                names
                    .iter()
                    .filter_map(|name| presence.leave(name, uuid))
                    .collect()
            },
            channels,
            groups,
        );
    }

    /// Who is on the channel.
    #[must_use]
    pub fn here(&self, channel: &str) -> Vec<String> {
        self.change_presence(|_, _, _| Vec::new(), &[], &[]);
        self.lock().presence.here(channel)
    }

    /// Every channel on which somebody is.
    #[must_use]
    pub fn occupied(&self) -> Vec<String> {
        self.lock().presence.channels()
    }

    /// Where the uuid is.
    #[must_use]
    pub fn channels_of(&self, uuid: &str) -> Vec<String> {
        self.lock().presence.channels_of(uuid)
    }

    /// Expires, changes and tells; presence of `-pnpres` channels does not exist.
    fn change_presence(
        &self,
        change: impl FnOnce(&mut Presence, &[String], u64) -> Vec<Change>,
        channels: &[String],
        groups: &[String],
    ) {
        let now = self.clock.now_ms();
        let mut state = self.lock();
        if !state.settings.presence {
            return;
        }
        let mut names: Vec<String> = channels.to_vec();
        for group in groups {
            names.extend(state.members.get(group).into_iter().flatten().cloned());
        }
        names.retain(|name| !name.ends_with("-pnpres"));
        let mut changes = state.presence.expire(now);
        changes.extend(change(&mut state.presence, &names, now));
        for change in changes {
            let queued = state.tick(&self.clock);
            state.spread(Arc::new(Stored {
                queued,
                published: queued,
                publication: Publication {
                    channel: format!("{}-pnpres", change.channel),
                    payload: json!({
                        "action": change.action,
                        "uuid": change.uuid,
                        "timestamp": now / 1000,
                        "occupancy": change.occupancy,
                    }),
                    ..Publication::default()
                },
            }));
        }
    }
}
