//! Every conversation as the phones show it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use serde::Serialize;
use tokio::sync::broadcast;

use super::kind::Kind;
use super::locked::lock;
use super::shown::{Author, Content, Shown, Tick};

/// Names one conversation: which line, which person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Key {
    /// The channel kind.
    pub kind: Kind,
    /// The line's id.
    pub account: String,
    /// The contact's id on that line: phone number, PSID, IGSID or Telegram user id.
    pub contact: String,
}

impl Key {
    /// Names a conversation.
    pub fn new(kind: Kind, account: impl Into<String>, contact: impl Into<String>) -> Self {
        Key {
            kind,
            account: account.into(),
            contact: contact.into(),
        }
    }
}

/// The person behind a phone, on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Id on that line.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Handle, where the platform has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Language tag of the phone, Telegram only.
    pub language: String,
    /// WhatsApp: hides the number, so that webhooks carry only the business-scoped id.
    pub number_hidden: bool,
    /// Whether this person blocked the line.
    pub blocked: bool,
    /// Whether this person ever wrote or pressed start.
    pub started: bool,
    /// When this person last wrote, Unix milliseconds of the sandbox clock; opens the service window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_wrote_ms: Option<i64>,
}

/// One conversation.
#[derive(Debug, Clone, Serialize)]
pub struct Thread {
    /// The person.
    pub person: Person,
    /// The bubbles, oldest first.
    pub messages: Vec<Shown>,
    /// Until when the line shows as typing, Unix milliseconds.
    pub typing_until_ms: i64,
    /// Rises with each change; pages poll with it.
    pub revision: u64,
    /// Position of each message id.
    #[serde(skip)]
    index: HashMap<String, usize>,
}

impl Thread {
    /// The bubble with this id.
    pub fn find(&self, id: &str) -> Option<&Shown> {
        self.index.get(id).and_then(|at| self.messages.get(*at))
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Shown> {
        let at = *self.index.get(id)?;
        self.messages.get_mut(at)
    }

    fn push(&mut self, mut shown: Shown) -> u64 {
        shown.seq = self.messages.len() as u64 + 1;
        let seq = shown.seq;
        self.index.insert(shown.id.clone(), self.messages.len());
        self.messages.push(shown);
        seq
    }
}

/// The store of all threads.
#[derive(Debug)]
pub struct Threads {
    inner: Mutex<HashMap<Key, Thread>>,
    /// Meta's message ids are unique everywhere; Telegram's only within a chat.
    by_message: Mutex<HashMap<String, Key>>,
    changes: broadcast::Sender<Key>,
}

impl Default for Threads {
    fn default() -> Self {
        Threads {
            inner: Mutex::default(),
            by_message: Mutex::default(),
            changes: broadcast::channel(4096).0,
        }
    }
}

impl Threads {
    /// Hears the key of each conversation that changed.
    pub fn watch(&self) -> broadcast::Receiver<Key> {
        self.changes.subscribe()
    }

    /// Adds a contact, or returns the one that is there.
    pub fn person(&self, key: &Key, make: impl FnOnce() -> Person) -> Person {
        lock(&self.inner)
            .entry(key.clone())
            .or_insert_with(|| Thread {
                person: make(),
                messages: Vec::new(),
                typing_until_ms: 0,
                revision: 1,
                index: HashMap::new(),
            })
            .person
            .clone()
    }

    /// Reads one conversation.
    pub fn read<T>(&self, key: &Key, read: impl FnOnce(&Thread) -> T) -> Option<T> {
        lock(&self.inner).get(key).map(read)
    }

    fn change<T>(&self, key: &Key, change: impl FnOnce(&mut Thread) -> T) -> Option<T> {
        let answer = {
            let mut threads = lock(&self.inner);
            let thread = threads.get_mut(key)?;
            thread.revision += 1;
            change(thread)
        };
        // Nobody listening is fine: pages come and go.
        let _ = self.changes.send(key.clone());
        Some(answer)
    }

    /// Changes who the person is or what they did.
    pub fn change_person(&self, key: &Key, change: impl FnOnce(&mut Person)) -> Option<Person> {
        self.change(key, |thread| {
            change(&mut thread.person);
            thread.person.clone()
        })
    }

    /// Shows a new bubble; answers its position. Unknown conversations show nothing.
    /// A message from the business ends its typing; one from the contact opens the window.
    pub fn show(&self, key: &Key, shown: Shown) -> Option<u64> {
        if key.kind != Kind::Telegram {
            lock(&self.by_message).insert(shown.id.clone(), key.clone());
        }
        self.change(key, |thread| {
            match shown.from {
                Author::Business => thread.typing_until_ms = 0,
                Author::Contact => {
                    thread.person.started = true;
                    thread.person.last_wrote_ms = Some(shown.at_ms);
                }
            }
            thread.push(shown)
        })
    }

    /// Notes that the person did something that opens the window without a bubble.
    pub fn touched(&self, key: &Key, at_ms: i64) {
        self.change(key, |thread| {
            thread.person.started = true;
            thread.person.last_wrote_ms = Some(at_ms);
        });
    }

    /// The conversation in which a Meta message id stands.
    pub fn holder(&self, id: &str) -> Option<Key> {
        lock(&self.by_message).get(id).cloned()
    }

    /// Changes one bubble; `None` when there is no such bubble.
    pub fn edit(&self, key: &Key, id: &str, edit: impl FnOnce(&mut Shown)) -> Option<Shown> {
        self.change(key, |thread| {
            let shown = thread.find_mut(id)?;
            edit(shown);
            Some(shown.clone())
        })
        .flatten()
    }

    /// Moves every bubble of one author up to a tick, as "read up to here" does;
    /// answers the ids that really moved.
    pub fn tick_up_to(&self, key: &Key, author: Author, until_ms: i64, tick: Tick) -> Vec<String> {
        self.change(key, |thread| {
            thread
                .messages
                .iter_mut()
                .filter(|shown| {
                    shown.from == author && shown.at_ms <= until_ms && shown.tick < tick
                })
                .map(|shown| {
                    shown.tick = tick;
                    shown.id.clone()
                })
                .collect()
        })
        .unwrap_or_default()
    }

    /// Shows or hides the typing sign.
    pub fn typing(&self, key: &Key, until_ms: i64) {
        self.change(key, |thread| thread.typing_until_ms = until_ms);
    }

    /// The people of one line with the last words of each, newest first.
    pub fn people(&self, kind: Kind, account: &str) -> Vec<Summary> {
        let mut people: Vec<Summary> = lock(&self.inner)
            .iter()
            .filter(|(key, _)| key.kind == kind && key.account == account)
            .map(|(_, thread)| {
                let last = thread.messages.last();
                Summary {
                    person: thread.person.clone(),
                    last_text: last.map(|shown| shown.content.summary()),
                    last_at_ms: last.map(|shown| shown.at_ms),
                    count: thread.messages.len() as u64,
                }
            })
            .collect();
        people.sort_by(|a, b| {
            b.last_at_ms
                .cmp(&a.last_at_ms)
                .then_with(|| a.person.id.cmp(&b.person.id))
        });
        people
    }

    /// How many bubbles each author has over all conversations: what a load test counts.
    pub fn totals(&self) -> BTreeMap<Author, u64> {
        let mut totals = BTreeMap::new();
        for thread in lock(&self.inner).values() {
            for shown in &thread.messages {
                *totals.entry(shown.from).or_insert(0) += 1;
            }
        }
        totals
    }
}

/// A line in the list of chats.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Who.
    pub person: Person,
    /// The last words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_text: Option<String>,
    /// When they were said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at_ms: Option<i64>,
    /// How many bubbles there are.
    pub count: u64,
}

/// A fresh bubble; the store sets its position.
pub fn bubble(id: impl Into<String>, from: Author, at_ms: i64, content: Content) -> Shown {
    Shown {
        id: id.into(),
        seq: 0,
        from,
        at_ms,
        content,
        reply_to: None,
        reactions: BTreeMap::new(),
        edited: false,
        deleted: false,
        tick: Tick::Sent,
        correlation: None,
        app_id: None,
    }
}
