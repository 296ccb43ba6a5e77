//! The one place where a message is stored, and the list of what was stored.

use std::sync::Arc;

use serde_json::json;

use super::LetsTalk;
use super::errors::Refusal;
use super::media::{self, File};
use super::model::{Content, Message, MessageKind, Person, PersonKind, Status};
use super::settings::{ClosedPolicy, SomeAfter};
use super::shapes;
use super::store::Store;
use crate::ids::hex_token;
use crate::ledger::{Entry, Service, hash_hex};

/// A message before it is stored.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it says.
    pub content: Content,
    /// The caller's GUID.
    pub remote_id: Option<String>,
    /// A note between agents; clients cannot write one.
    pub internal: bool,
}

impl Draft {
    /// Plain text without identity.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            content: Content::Text(text.into()),
            remote_id: None,
            internal: false,
        }
    }
}

/// Which part of a conversation's messages is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    /// After (`true`) or before (`false`) this message id.
    pub cursor: Option<(bool, i64)>,
    /// How many.
    pub amount: usize,
    /// From 1.
    pub page: usize,
}

impl LetsTalk {
    /// Stores a message of `author` and tells everybody; answers it with whether it is new.
    pub(super) fn say(
        &self,
        store: &mut Store,
        author: &Person,
        conversation: i64,
        draft: Draft,
    ) -> Result<(Message, bool), Refusal> {
        let thread = store.visible(author, conversation)?;
        let settings = store.organization(thread.organization)?.settings.clone();
        check(&draft, &settings)?;
        let first = draft.remote_id.as_ref().and_then(|remote_id| {
            thread
                .messages
                .iter()
                .find(|message| message.remote_id.as_ref() == Some(remote_id))
                .cloned()
        });
        if let Some(first) = first {
            self.write_duplicate(author, &first, settings.dedupe_remote_id);
            if settings.dedupe_remote_id {
                return Ok((first, false));
            }
        }
        if thread.status == Status::Closed && author.kind == PersonKind::Client {
            match settings.closed_conversation {
                ClosedPolicy::Reopen => self.reopen(store, conversation, author)?,
                ClosedPolicy::Refuse => {
                    return Err(Refusal::Invalid {
                        field: "conversation_id",
                        problem: "is closed",
                    });
                }
            }
        }
        let message =
            self.store_message(store, author, conversation, MessageKind::Normal, draft)?;
        if author.kind == PersonKind::Client
            && let Some(thread) = store.conversations.get(&conversation)
        {
            let agents = super::events::audience(store, thread);
            self.tell_noise(
                store,
                author.organization,
                &agents,
                "notifications.create",
                &json!({"notifiable_type": "Message", "notifiable_id": message.id, "read": false}),
            );
        }
        Ok((message, true))
    }

    /// Stores a message of the platform itself, such as `closed`.
    pub(super) fn say_system(
        &self,
        store: &mut Store,
        causer: &Person,
        conversation: i64,
        content: &str,
    ) -> Result<Message, Refusal> {
        let draft = Draft::text(content);
        self.store_message(store, causer, conversation, MessageKind::System, draft)
    }

    fn store_message(
        &self,
        store: &mut Store,
        author: &Person,
        conversation: i64,
        kind: MessageKind,
        draft: Draft,
    ) -> Result<Message, Refusal> {
        let message = Message {
            id: store.next_message_id(),
            conversation,
            person: author.id,
            kind,
            content: draft.content,
            internal: draft.internal,
            remote_id: draft.remote_id,
            created_ms: self.core.clock.now_ms(),
        };
        let thread = store.conversation_mut(conversation)?;
        thread.messages.push(message.clone());
        if author.kind == PersonKind::User {
            thread.read_up_to = message.id;
        }
        self.write(author, &message);
        if let Some(thread) = store.conversations.get(&conversation) {
            // A close may be told by `conversations.update` alone.
            let silent = kind == MessageKind::System
                && shapes::plain_text(&message).as_deref() == Some("closed")
                && store
                    .organization(thread.organization)?
                    .settings
                    .close_events
                    == super::settings::CloseEvents::Update;
            if !silent {
                self.tell_message(store, thread, &message);
            }
        }
        self.changed();
        Ok(message)
    }

    /// Keeps a file and makes its URL.
    pub(super) fn keep_file(
        &self,
        store: &mut Store,
        name: &str,
        mime: &str,
        bytes: bytes::Bytes,
    ) -> Arc<File> {
        let key = hex_token(16);
        let encoded =
            percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        let file = Arc::new(File {
            url: format!("{}/media/{key}/{encoded}", self.core.urls.letstalk),
            sha256: hash_hex(&bytes),
            key: key.clone(),
            name: name.to_owned(),
            mime: mime.to_owned(),
            bytes,
        });
        store.files.insert(key, Arc::clone(&file));
        file
    }

    /// The asked part of the messages, newest first.
    pub(super) fn slice(
        &self,
        store: &Store,
        reader: &Person,
        conversation: i64,
        slice: Slice,
    ) -> Result<Vec<Message>, Refusal> {
        let thread = store.visible(reader, conversation)?;
        let takes = store.organization(thread.organization)?.settings.some_after;
        let readable = thread
            .messages
            .iter()
            // A client never sees the agents' notes.
            .filter(|message| !(message.internal && reader.kind == PersonKind::Client));
        let skip = (slice.page.max(1) - 1).saturating_mul(slice.amount);
        let mut rows: Vec<Message> = match slice.cursor {
            Some((true, location)) if takes == SomeAfter::Nearest => {
                let mut rows: Vec<Message> = readable
                    .filter(|message| message.id > location)
                    .skip(skip)
                    .take(slice.amount)
                    .cloned()
                    .collect();
                rows.reverse();
                return Ok(rows);
            }
            Some((true, location)) => readable.filter(|it| it.id > location).cloned().collect(),
            Some((false, location)) => readable.filter(|it| it.id < location).cloned().collect(),
            None => readable.cloned().collect(),
        };
        rows.reverse();
        Ok(rows.into_iter().skip(skip).take(slice.amount).collect())
    }

    fn write(&self, author: &Person, message: &Message) {
        let file = match &message.content {
            Content::File(file) => json!({
                "name": file.name,
                "mime": file.mime,
                "sha256": file.sha256,
                "size": file.bytes.len(),
            }),
            _ => serde_json::Value::Null,
        };
        let list = match &message.content {
            Content::Actions(list) => list.clone(),
            _ => serde_json::Value::Null,
        };
        self.core.ledger.append(
            Service::LetsTalk,
            Entry {
                kind: match message.kind {
                    MessageKind::Normal => "message_stored",
                    MessageKind::System => "system_message",
                },
                account: author.organization.to_string(),
                conversation: message.conversation.to_string(),
                id: message.id.to_string(),
                remote_id: message.remote_id.clone(),
                text: shapes::plain_text(message),
                raw: json!({
                    "person_id": author.id,
                    "person_type": author.kind.name(),
                    "internal": message.internal,
                    "file": file,
                    "actions": list,
                }),
            },
        );
    }

    fn write_duplicate(&self, author: &Person, first: &Message, swallowed: bool) {
        self.core.ledger.append(
            Service::LetsTalk,
            Entry {
                kind: "duplicate_remote_id",
                account: author.organization.to_string(),
                conversation: first.conversation.to_string(),
                id: first.id.to_string(),
                remote_id: first.remote_id.clone(),
                raw: json!({ "swallowed": swallowed }),
                ..Entry::default()
            },
        );
    }
}

fn check(draft: &Draft, settings: &super::settings::OrgSettings) -> Result<(), Refusal> {
    if let Some(remote_id) = &draft.remote_id
        && uuid::Uuid::parse_str(remote_id).is_err()
    {
        return Err(Refusal::Invalid {
            field: "remote_id",
            problem: "is not a GUID",
        });
    }
    match &draft.content {
        Content::Text(text) if text.trim().is_empty() => Err(Refusal::missing("content")),
        Content::Text(text) if text.len() > settings.content_limit => Err(Refusal::Invalid {
            field: "content",
            problem: "is too long",
        }),
        Content::Text(_) => Ok(()),
        Content::File(file) => media::accept(&file.mime, settings),
        Content::Actions(list) => check_actions(list),
    }
}

/// `title`, `options {viewType, showItemsIcon}` and `items` of links and quick replies.
fn check_actions(list: &serde_json::Value) -> Result<(), Refusal> {
    let wrong = |problem| {
        Err(Refusal::Invalid {
            field: "content",
            problem,
        })
    };
    if list["title"].as_str().is_none_or(str::is_empty) {
        return wrong("needs a title");
    }
    if let Some(view) = list["options"]["viewType"].as_str()
        && !["list", "pill"].contains(&view)
    {
        return wrong("has an unknown viewType");
    }
    let Some(items) = list["items"].as_array() else {
        return wrong("needs items");
    };
    for item in items {
        let payload = &item["payload"];
        let labelled = payload["label"].is_string();
        let complete = match item["type"].as_str() {
            Some("link") => payload["url"].is_string(),
            Some("quick-reply") => payload["message"].is_string(),
            _ => false,
        };
        if !(labelled && complete) {
            return wrong("has an incomplete item");
        }
    }
    Ok(())
}
