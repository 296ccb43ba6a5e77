//! What all three channels do with a message that the business sends.

use serde_json::{Value, json};

use super::Graph;
use super::line::Line;
use crate::ledger::{Entry, Service};
use crate::phone::shown::{Author, Content};
use crate::phone::threads::{Key, bubble};

/// The identity and connections of a message being sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    /// wamid or mid.
    pub id: String,
    /// The quoted message.
    pub reply_to: Option<String>,
    /// `biz_opaque_callback_data` or `metadata`.
    pub correlation: Option<String>,
    /// The app that sent it; `None` for a person in the platform's own inbox.
    pub app_id: Option<String>,
}

impl Graph {
    /// Shows a message on the contact's phone and writes the `delivered` row: the moment a person
    /// could see it.
    pub(crate) fn show_on_phone(&self, line: &Line, contact: &str, content: Content, sent: &Sent) {
        let key = Key::new(line.kind, &line.id, contact);
        let mut shown = bubble(&sent.id, Author::Business, self.now_ms(), content);
        shown.reply_to = sent.reply_to.clone();
        shown.correlation = sent.correlation.clone();
        shown.app_id = sent.app_id.clone();
        let entry = Entry {
            kind: "delivered",
            account: line.id.clone(),
            conversation: contact.to_owned(),
            id: sent.id.clone(),
            remote_id: sent.correlation.clone(),
            text: Some(shown.content.summary()),
            raw: json!({
                "channel": line.kind.name(),
                "content": shown.content,
                "reply_to": shown.reply_to,
                "app_id": shown.app_id,
            }),
        };
        self.threads.show(&key, shown);
        self.core.ledger.append(Service::Graph, entry);
    }

    /// Writes a row about a send that did not reach the contact.
    pub(crate) fn note_unsent(
        &self,
        kind: &'static str,
        line: &Line,
        contact: &str,
        sent: &Sent,
        content: &Content,
        why: Value,
    ) {
        self.core.ledger.append(
            Service::Graph,
            Entry {
                kind,
                account: line.id.clone(),
                conversation: contact.to_owned(),
                id: sent.id.clone(),
                remote_id: sent.correlation.clone(),
                text: Some(content.summary()),
                raw: json!({"channel": line.kind.name(), "why": why, "content": content}),
            },
        );
    }

    /// Who owns a thread: the app that took it, else the default app, else nobody in particular.
    pub(crate) fn owner(&self, line: &Line, contact: &str) -> Option<String> {
        let key = Key::new(line.kind, &line.id, contact);
        crate::phone::locked::lock(&self.owners)
            .get(&key)
            .cloned()
            .or_else(|| line.default_app.clone())
    }
}
