//! Let's Talk: the platform of the human agents, with its REST API and its realtime events.
//!
//! The way of a message: `routes` (authentication, shape of the request) ▸ `messages` (stored once
//! and for all, ledger) ▸ `events` (published to the simulated PubNub). What agents do in the
//! platform's own screens is in `desk`. Everything lives in one [`store::Store`] behind one lock,
//! and events are published under that lock, so their order is the order of storage.

mod accounts;
mod clients;
mod console;
mod conversations;
mod dates;
mod desk;
mod errors;
mod events;
mod media;
mod messages;
mod model;
mod routes;
mod settings;
mod shapes;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub use accounts::{AccountRequest, AccountView, AgentView, PersonRequest};
pub use console::console;
pub use errors::Refusal;
pub use media::File;
pub use messages::Draft;
pub use model::{
    Content, Conversation, Group, Inquiry, Member, MemberRole, Message, MessageKind, Person,
    PersonKind, Status,
};
pub use routes::service;
pub use settings::{
    AuthorStyle, CloseEvents, ClosedPolicy, Delivery, EventFields, MediaField, OrgSettings,
    SettingsPatch, Sight, SomeAfter,
};

use crate::Core;
use crate::pubnub::PubNub;
use store::Store;

/// The simulated platform.
#[derive(Debug)]
pub struct LetsTalk {
    core: Core,
    pubnub: Arc<PubNub>,
    store: Mutex<Store>,
    revision: watch::Sender<u64>,
}

impl LetsTalk {
    /// A platform without organizations.
    #[must_use]
    pub fn new(core: Core, pubnub: Arc<PubNub>) -> Arc<Self> {
        Arc::new(Self {
            core,
            pubnub,
            store: Mutex::default(),
            revision: watch::Sender::new(0),
        })
    }

    /// Told, with a growing number, whenever something changed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// A copy of a conversation with all its messages, oldest first.
    #[must_use]
    pub fn conversation(&self, id: i64) -> Option<Conversation> {
        self.lock().conversations.get(&id).cloned()
    }

    /// The ids of an organization's conversations, oldest first.
    #[must_use]
    pub fn conversation_ids(&self, organization_id: i64) -> Vec<i64> {
        self.lock()
            .organizations
            .get(&organization_id)
            .map_or_else(Vec::new, |organization| organization.conversations.clone())
    }

    /// A client or an agent.
    #[must_use]
    pub fn person(&self, id: i64) -> Option<Person> {
        self.lock().people.get(&id).cloned()
    }

    /// A stored file by the key in its URL.
    #[must_use]
    pub fn file(&self, key: &str) -> Option<Arc<File>> {
        self.lock().files.get(key).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }
}
