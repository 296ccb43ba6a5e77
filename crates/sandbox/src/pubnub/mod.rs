//! PubNub as its SDKs see it: publish, subscribe v2 with long polls, history v3, presence,
//! channel groups, Access Manager. Whatever the fault plan says about `pubnub` applies.
//!
//! A message goes `send` ▸ `keyset` (gives it a timetoken, puts it into the queue of its channel
//! and of every group that holds the channel, wakes the polls) ▸ `routes::subscribe`.

mod console;
mod errors;
mod filter;
mod grants;
mod keyset;
mod presence;
mod queue;
mod routes;
mod send;
mod settings;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

pub use console::console;
pub use grants::{Forbidden, Grant};
pub use keyset::Keyset;
pub use routes::service;
pub use settings::{Settings, SettingsPatch};
pub use wire::{Kind, Publication};

use crate::Core;
use crate::ids::guid;

/// The simulated network: keysets by subscribe key.
#[derive(Debug)]
pub struct PubNub {
    core: Core,
    keysets: RwLock<HashMap<String, Arc<Keyset>>>,
    held: Mutex<send::Held>,
}

/// What to create; what is missing is generated.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KeysetRequest {
    /// Like `sub-c-…`.
    pub subscribe_key: Option<String>,
    /// Like `pub-c-…`.
    pub publish_key: Option<String>,
    /// Deviations from the default settings.
    pub settings: SettingsPatch,
}

/// The keys and settings of one keyset.
#[derive(Clone, Debug, Serialize)]
pub struct KeysetView {
    /// Needed to subscribe and to publish.
    pub subscribe_key: String,
    /// Needed to publish.
    pub publish_key: String,
    /// What is in force.
    pub settings: Settings,
    /// Long polls waiting at this moment.
    pub open_polls: usize,
    /// Entries that left a queue because it was full or they were too old.
    pub evicted: u64,
}

impl PubNub {
    /// A network without keysets.
    #[must_use]
    pub fn new(core: Core) -> Arc<Self> {
        Arc::new(Self {
            core,
            keysets: RwLock::default(),
            held: Mutex::default(),
        })
    }

    /// Creates a keyset, or changes the settings of the one which has this subscribe key.
    pub fn create_keyset(&self, request: KeysetRequest) -> KeysetView {
        let subscribe_key = request
            .subscribe_key
            .unwrap_or_else(|| format!("sub-c-{}", guid()));
        let publish_key = request
            .publish_key
            .unwrap_or_else(|| format!("pub-c-{}", guid()));
        let mut keysets = self.keysets.write().unwrap_or_else(PoisonError::into_inner);
        let keyset = keysets.entry(subscribe_key.clone()).or_insert_with(|| {
            Arc::new(Keyset::new(
                self.core.clock.clone(),
                subscribe_key,
                publish_key,
            ))
        });
        keyset.change_settings(&request.settings);
        keyset.view()
    }

    /// The keyset of this subscribe key.
    #[must_use]
    pub fn keyset(&self, subscribe_key: &str) -> Option<Arc<Keyset>> {
        self.keysets
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(subscribe_key)
            .cloned()
    }

    /// All keysets.
    #[must_use]
    pub fn keysets(&self) -> Vec<Arc<Keyset>> {
        self.keysets
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }

    /// Cuts every open poll of every keyset, as when the network drops all connections at once.
    pub fn cut_all_polls(&self) {
        for keyset in self.keysets() {
            keyset.cut_polls();
        }
    }
}
