//! The phone: be the user on any channel, with a page for people and functions for tests.
//!
//! `action` says what a user can do, `whatsapp`, `meta` and `telegram` turn it into what the
//! platform tells the business, `threads` keeps what the phone shows, `routes` is the HTTP side.

pub mod action;
pub mod ids;
pub mod kind;
pub mod locked;
mod meta;
mod page;
mod routes;
pub mod samples;
pub mod shown;
mod telegram;
pub mod threads;
mod whatsapp;

use std::sync::Arc;

pub use action::{Action, NewContact};
pub use kind::Kind;
pub use routes::console;
use serde::Serialize;

use crate::Core;
use crate::graph::Graph;
use crate::ledger::{Entry, Service};
use crate::telegram::Telegram;
use shown::{Author, Content, Shown};
use threads::{Key, Person, Summary, Thread, Threads, bubble};

/// Why the phone could not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// There is no such line, message or button.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// This platform's app cannot do that.
    #[error("{kind} has no {what}")]
    Unsupported {
        /// The platform.
        kind: Kind,
        /// What was asked.
        what: &'static str,
    },
    /// The request makes no sense.
    #[error("{0}")]
    Bad(String),
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The platform's id of the message (or callback, or mid); empty when there is none.
    pub id: String,
    /// Further ids, of an album.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
}

impl Done {
    fn one(id: impl Into<String>) -> Self {
        Done {
            id: id.into(),
            more: Vec::new(),
        }
    }

    fn nothing() -> Self {
        Done::one("")
    }

    fn many(mut ids: Vec<String>) -> Self {
        if ids.is_empty() {
            return Done::nothing();
        }
        let id = ids.remove(0);
        Done { id, more: ids }
    }
}

/// The user's phone.
pub struct Phone {
    core: Core,
    graph: Arc<Graph>,
    telegram: Arc<Telegram>,
}

impl Phone {
    /// A phone on the given platforms.
    #[must_use]
    pub fn new(core: Core, graph: Arc<Graph>, telegram: Arc<Telegram>) -> Arc<Self> {
        Arc::new(Phone {
            core,
            graph,
            telegram,
        })
    }

    /// The conversations of a platform.
    pub fn threads(&self, kind: Kind) -> &Threads {
        match kind {
            Kind::Telegram => &self.telegram.threads,
            _ => &self.graph.threads,
        }
    }

    fn now_ms(&self) -> i64 {
        self.graph.now_ms()
    }

    fn line_exists(&self, kind: Kind, account: &str) -> bool {
        match kind {
            Kind::Telegram => self.telegram.bot(account).is_some(),
            _ => self.graph.registry.line(kind, account).is_some(),
        }
    }

    /// Adds a contact to a line; one with this id that is there already is answered as it is.
    ///
    /// # Errors
    /// When there is no such line, or the id is not a number.
    pub fn add_contact(
        &self,
        kind: Kind,
        account: &str,
        new: NewContact,
    ) -> Result<Person, PhoneError> {
        if !self.line_exists(kind, account) {
            return Err(PhoneError::Missing("line"));
        }
        let id = new.id.unwrap_or_else(|| match kind {
            Kind::Whatsapp => ids::numeric("54911", 13),
            Kind::Telegram => ids::numeric("60", 10),
            Kind::Messenger => ids::numeric("50", 16),
            Kind::Instagram => ids::numeric("60", 15),
        });
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneError::Bad("a contact's id is a number".to_owned()));
        }
        let key = Key::new(kind, account, &id);
        Ok(self.threads(kind).person(&key, || Person {
            id: id.clone(),
            name: new.name.unwrap_or_else(|| "Ana Ruiz".to_owned()),
            username: new.username,
            language: new.language.unwrap_or_else(|| "es".to_owned()),
            number_hidden: new.number_hidden,
            blocked: false,
            started: false,
            last_wrote_ms: None,
        }))
    }

    /// Does something as a contact, who is added when unknown. Returns as soon as the platform has
    /// it; webhooks follow on their own.
    ///
    /// # Errors
    /// When the line, message or button does not exist or the platform has no such thing.
    pub fn act(
        &self,
        kind: Kind,
        account: &str,
        contact: &str,
        action: Action,
    ) -> Result<Done, PhoneError> {
        let person = self.add_contact(
            kind,
            account,
            NewContact {
                id: Some(contact.to_owned()),
                ..NewContact::default()
            },
        )?;
        if kind == Kind::Telegram {
            let bot = self
                .telegram
                .bot(account)
                .ok_or(PhoneError::Missing("line"))?;
            return telegram::act(self, &bot, &person, action);
        }
        let line = self
            .graph
            .registry
            .line(kind, account)
            .ok_or(PhoneError::Missing("line"))?;
        match kind {
            Kind::Whatsapp => whatsapp::act(self, &line, &person, action),
            _ => meta::act(self, &line, &person, action),
        }
    }

    /// Writes a text: the commonest action.
    ///
    /// # Errors
    /// As [`Phone::act`].
    pub fn say(
        &self,
        kind: Kind,
        account: &str,
        contact: &str,
        text: &str,
    ) -> Result<String, PhoneError> {
        let action = Action::Text {
            text: text.to_owned(),
            reply_to: None,
        };
        self.act(kind, account, contact, action).map(|done| done.id)
    }

    /// What the contact sees, in order.
    pub fn messages(&self, kind: Kind, account: &str, contact: &str) -> Vec<Shown> {
        self.threads(kind)
            .read(&Key::new(kind, account, contact), |thread| {
                thread.messages.clone()
            })
            .unwrap_or_default()
    }

    /// The whole conversation with the person's state.
    pub fn thread(&self, kind: Kind, account: &str, contact: &str) -> Option<Thread> {
        self.threads(kind)
            .read(&Key::new(kind, account, contact), Thread::clone)
    }

    /// The contacts of a line.
    pub fn contacts(&self, kind: Kind, account: &str) -> Vec<Summary> {
        self.threads(kind).people(kind, account)
    }

    /// Shows an own message on the phone and writes the `user_sent` row.
    fn show_own(&self, key: &Key, id: &str, content: Content, reply_to: Option<String>) {
        let mut shown = bubble(id, Author::Contact, self.now_ms(), content);
        // The business side of every platform is a server: what is sent has arrived.
        shown.tick = shown::Tick::Delivered;
        shown.reply_to = reply_to;
        let service = match key.kind {
            Kind::Telegram => Service::Telegram,
            _ => Service::Graph,
        };
        self.core.ledger.append(
            service,
            Entry {
                kind: "user_sent",
                account: key.account.clone(),
                conversation: key.contact.clone(),
                id: id.to_owned(),
                remote_id: None,
                text: Some(shown.content.summary()),
                raw: serde_json::json!({"channel": key.kind.name(), "content": shown.content}),
            },
        );
        self.threads(key.kind).show(key, shown);
    }

    /// The offered thing behind a tap.
    fn offered(
        &self,
        key: &Key,
        message_id: &str,
        button_id: &str,
    ) -> Result<shown::Button, PhoneError> {
        self.threads(key.kind)
            .read(key, |thread| {
                let shown = thread.find(message_id)?;
                shown.content.button(button_id).cloned()
            })
            .flatten()
            .ok_or(PhoneError::Missing("button"))
    }

    fn react_locally(
        &self,
        key: &Key,
        message_id: &str,
        emoji: &str,
    ) -> Result<Option<String>, PhoneError> {
        let mut old = None;
        self.threads(key.kind)
            .edit(key, message_id, |shown| {
                old = if emoji.is_empty() {
                    shown.reactions.remove(&Author::Contact)
                } else {
                    shown.reactions.insert(Author::Contact, emoji.to_owned())
                };
            })
            .ok_or(PhoneError::Missing("message"))?;
        Ok(old)
    }

    fn change_own(
        &self,
        key: &Key,
        message_id: &str,
        change: impl FnOnce(&mut Shown),
    ) -> Result<(), PhoneError> {
        self.threads(key.kind)
            .edit(key, message_id, change)
            .filter(|shown| shown.from == Author::Contact)
            .map(|_| ())
            .ok_or(PhoneError::Missing("message"))
    }
}
