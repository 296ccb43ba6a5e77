//! How one keyset behaves: the limits of the account and the oddities to provoke.

use serde::{Deserialize, Serialize};

/// What is in force for a keyset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// After how long an empty long poll is answered; PubNub: 280 seconds.
    pub hold_ms: u64,
    /// How many messages a queue keeps; PubNub: 100.
    pub queue_limit: usize,
    /// How long a message stays in the queue; PubNub: up to 20 minutes.
    pub queue_age_ms: u64,
    /// How many messages one answer carries at most, over all channels; PubNub: 100.
    pub batch_limit: usize,
    /// How much older `p.t` is than the queue's own timetoken (negative: newer), in milliseconds.
    pub publish_skew_ms: i64,
    /// The region that `t.r` and `p.r` name.
    pub region: u32,
    /// Message Persistence: whether history answers.
    pub persistence: bool,
    /// Whether join, leave and timeout events are made.
    pub presence: bool,
    /// Access Manager: whether an auth key needs a grant.
    pub access_manager: bool,
    /// Whether an empty group refuses the poll even if plain channels are asked for as well.
    pub empty_group_refuses_channels: bool,
    /// The largest message in bytes; PubNub: 32 KiB.
    pub message_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hold_ms: 280_000,
            queue_limit: 100,
            queue_age_ms: 20 * 60 * 1000,
            batch_limit: 100,
            publish_skew_ms: 0,
            region: 12,
            persistence: true,
            presence: true,
            access_manager: false,
            empty_group_refuses_channels: true,
            message_limit: 32 * 1024,
        }
    }
}

/// A change of some settings; see [`Settings`] for the meaning of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "each field means what it means in `Settings`")]
pub struct SettingsPatch {
    pub hold_ms: Option<u64>,
    pub queue_limit: Option<usize>,
    pub queue_age_ms: Option<u64>,
    pub batch_limit: Option<usize>,
    pub publish_skew_ms: Option<i64>,
    pub region: Option<u32>,
    pub persistence: Option<bool>,
    pub presence: Option<bool>,
    pub access_manager: Option<bool>,
    pub empty_group_refuses_channels: Option<bool>,
    pub message_limit: Option<usize>,
}

impl Settings {
    /// Takes over what the patch names.
    pub fn apply(&mut self, patch: &SettingsPatch) {
        fn take<T: Copy>(slot: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *slot = value;
            }
        }
        take(&mut self.hold_ms, patch.hold_ms);
        take(&mut self.queue_limit, patch.queue_limit);
        take(&mut self.queue_age_ms, patch.queue_age_ms);
        take(&mut self.batch_limit, patch.batch_limit);
        take(&mut self.publish_skew_ms, patch.publish_skew_ms);
        take(&mut self.region, patch.region);
        take(&mut self.persistence, patch.persistence);
        take(&mut self.presence, patch.presence);
        take(&mut self.access_manager, patch.access_manager);
        take(
            &mut self.empty_group_refuses_channels,
            patch.empty_group_refuses_channels,
        );
        take(&mut self.message_limit, patch.message_limit);
    }
}
