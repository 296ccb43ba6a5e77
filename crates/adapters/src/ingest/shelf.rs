//! What the submissions of a transaction look at, read for all of them at once: conversations, whose
//! conversations at the desk are, which messages are new, and which parts news is about. A conversation that was changed lies
//! here until it is written with the others; whoever takes one takes it as it was last put down.

use super::desk::Known;
use super::newcomers::Name;
use super::parts::Part;
use super::thread::Thread;
use domain::contact::Contact;
use domain::ids::{ChannelId, ConversationId, TenantId};
use domain::message::DeliveryStatus;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

type Whose = (TenantId, ConversationId);

/// A contact as a line calls them: the line, the key, the topic.
type Called = (ChannelId, String, String);

/// What lies ready for the submissions of a transaction.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Things>);

#[derive(Default)]
struct Things {
    threads: HashMap<Whose, Thread>,
    called: HashMap<Called, Whose>,
    /// By what nobody was known when it was asked.
    nobody: HashSet<Name>,
    /// Those that are to be written, in the order of the locks.
    changed: BTreeSet<Whose>,
    at_desk: HashMap<(TenantId, i64), Known>,
    /// Keys under which no message is stored.
    new: HashSet<(ChannelId, String)>,
    /// The parts that a line's platform knows by an id; none, where none is known.
    parts: HashMap<(ChannelId, String), Vec<Part>>,
}

impl Shelf {
    fn things(&self) -> MutexGuard<'_, Things> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a conversation down: as it was read, or as it will be. One that was not changed does not
    /// replace one that may have been.
    pub(super) fn put(&self, thread: Thread, changed: bool) {
        let whose = whose(&thread);
        let mut things = self.things();
        if changed {
            things.changed.insert(whose);
        } else if things.threads.contains_key(&whose) {
            return;
        }
        things.called.insert(called(&thread.contact), whose);
        things.threads.insert(whose, thread);
    }

    /// A conversation.
    pub(super) fn get(&self, tenant: TenantId, id: ConversationId) -> Option<Thread> {
        self.things().threads.get(&(tenant, id)).cloned()
    }

    /// The conversation of a contact.
    pub(super) fn of_contact(
        &self,
        tenant: TenantId,
        (line, key, topic): (ChannelId, &str, &str),
    ) -> Option<Thread> {
        let things = self.things();
        let whose = things
            .called
            .get(&(line, key.to_owned(), topic.to_owned()))?;
        let thread = things.threads.get(whose)?;
        (whose.0 == tenant).then(|| thread.clone())
    }

    /// Lays ready that nobody is known by these names.
    pub(super) fn lay_nobody(&self, names: impl Iterator<Item = Name>) {
        self.things().nobody.extend(names);
    }

    /// Whether nobody is known by this name. Whoever is made meanwhile is found as a contact.
    pub(super) fn is_nobody(&self, name: &Name) -> bool {
        self.things().nobody.contains(name)
    }

    /// A contact was written as it is now.
    pub(super) fn recall(&self, contact: &Contact, id: ConversationId) {
        let mut things = self.things();
        let whose = (contact.tenant, id);
        if let Some(thread) = things.threads.get_mut(&whose) {
            let before = called(&thread.contact);
            thread.contact.clone_from(contact);
            things.called.remove(&before);
            things.called.insert(called(contact), whose);
        }
    }

    /// How many were changed since they were written.
    pub(super) fn changed(&self) -> usize {
        self.things().changed.len()
    }

    /// Those that were changed since they were written; they count as written then.
    pub(super) fn take_changed(&self) -> Vec<Thread> {
        let mut things = self.things();
        let changed = std::mem::take(&mut things.changed);
        let changed = changed.iter().filter_map(|whose| things.threads.get(whose));
        changed.cloned().collect()
    }

    /// Lays ready whose conversation at the desk this is.
    pub(super) fn lay_desk(&self, tenant: TenantId, desk_conversation: i64, known: Known) {
        let of = (tenant, desk_conversation);
        self.things().at_desk.insert(of, known);
    }

    /// Whose conversation at the desk this is, if that was asked.
    pub(super) fn of_desk(&self, tenant: TenantId, desk_conversation: i64) -> Option<Known> {
        let of = (tenant, desk_conversation);
        self.things().at_desk.get(&of).copied()
    }

    /// Whose the desk's conversations are has changed.
    pub(super) fn forget_desk(&self) {
        self.things().at_desk.clear();
    }

    /// Lays ready that no message is stored under this key.
    pub(super) fn lay_new(&self, line: ChannelId, key: String) {
        self.things().new.insert((line, key));
    }

    /// Lays ready which parts the platform knows by this id.
    pub(super) fn lay_parts(&self, line: ChannelId, id: String, parts: Vec<Part>) {
        self.things().parts.insert((line, id), parts);
    }

    /// The parts that the platform knows by this id, if that was asked.
    pub(super) fn parts(&self, line: ChannelId, id: &str) -> Option<Vec<Part>> {
        self.things().parts.get(&(line, id.to_owned())).cloned()
    }

    /// A part got further.
    pub(super) fn advance(
        &self,
        (line, id): (ChannelId, &str),
        (message, part): (Uuid, i64),
        status: DeliveryStatus,
    ) {
        let mut things = self.things();
        let known = things.parts.get_mut(&(line, id.to_owned()));
        for known in known.into_iter().flatten() {
            if (known.message_id, known.part) == (message, part) {
                status.name().clone_into(&mut known.status);
            }
        }
    }

    /// What is known of parts has changed.
    pub(super) fn forget_parts(&self) {
        self.things().parts.clear();
    }

    /// Whether this key is known to be new. It is so once.
    pub(super) fn is_new(&self, line: ChannelId, key: &str) -> bool {
        self.things().new.remove(&(line, key.to_owned()))
    }
}

fn whose(thread: &Thread) -> Whose {
    (thread.conversation.tenant, thread.conversation.id)
}

fn called(contact: &Contact) -> Called {
    let address = &contact.address;
    let topic = address.thread.clone().unwrap_or_default();
    (contact.channel, address.key.clone(), topic)
}
