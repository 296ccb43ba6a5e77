//! From an event to signed webhooks: who is subscribed, which envelope, alone or in a batch.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::Graph;
use super::app::{App, Callback, Object};
use super::line::Line;
use crate::ledger::{Entry, Service};
use crate::phone::kind::Kind;
use crate::phone::locked::lock;
use crate::webhook::schedule::{MESSENGER, WHATSAPP};
use crate::webhook::sign::{escaped_json, hub_signature};
use crate::webhook::{Delivery, Outcome};

/// Entries that wait for company, by receiver.
#[derive(Default)]
pub(crate) struct Batches {
    waiting: Mutex<HashMap<(String, Object, String), Vec<Value>>>,
}

/// Something that happened on a line.
pub(crate) struct Event {
    /// The webhook field it belongs to, such as `messages` or `message_reads`.
    pub field: &'static str,
    /// WhatsApp: the change's value. Messenger and Instagram: the messaging item.
    pub item: Value,
    /// The contact.
    pub contact: String,
    /// wamid or mid.
    pub id: String,
    /// Only this app hears it; `None` means every installed app.
    pub only_app: Option<String>,
}

impl Graph {
    /// Sends an event to every app that is installed on the line and subscribed to its field.
    /// Answers the running deliveries; not waiting for them is the normal case.
    pub(crate) fn emit(self: &Arc<Self>, line: &Line, event: Event) -> Vec<JoinHandle<Outcome>> {
        let Some(object) = Object::of(line.kind) else {
            return Vec::new();
        };
        let mut running = Vec::new();
        for (app_id, fields) in &line.installed {
            if event.only_app.as_ref().is_some_and(|only| only != app_id) {
                continue;
            }
            let Some((own, app)) = self.registry.callback(app_id, object) else {
                continue;
            };
            let Some(callback) = line.override_callback.clone().or(own) else {
                continue;
            };
            if !wanted(&callback, fields, event.field) {
                continue;
            }
            let entry = self.entry(line, &event, &app.id);
            running.push(self.post(line, &event, object, app, callback.url, entry));
        }
        if running.is_empty() {
            // Written down, because a test that waits for this webhook waits in vain.
            self.core.ledger.append(
                Service::Webhook,
                Entry {
                    kind: "webhook_without_subscriber",
                    account: line.id.clone(),
                    conversation: event.contact,
                    id: event.id,
                    raw: json!({"channel": line.kind.name(), "field": event.field}),
                    ..Entry::default()
                },
            );
        }
        running
    }

    fn entry(&self, line: &Line, event: &Event, app_id: &str) -> Value {
        if line.kind == Kind::Whatsapp {
            return json!({
                "id": line.entry_id(),
                "changes": [{"field": event.field, "value": event.item}],
            });
        }
        let standby = event.only_app.is_none()
            && self
                .owner(line, &event.contact)
                .is_some_and(|owner| owner != app_id);
        let mut item = event.item.clone();
        if standby && let Some(postback) = item.get_mut("postback").and_then(Value::as_object_mut) {
            // An app on standby does not learn what was tapped.
            postback.remove("payload");
        }
        let mut entry = json!({"id": line.entry_id(), "time": self.now_ms()});
        entry[if standby { "standby" } else { "messaging" }] = json!([item]);
        entry
    }

    fn post(
        self: &Arc<Self>,
        line: &Line,
        event: &Event,
        object: Object,
        app: App,
        url: String,
        entry: Value,
    ) -> JoinHandle<Outcome> {
        let graph = self.clone();
        let (kind, account) = (line.kind, line.id.clone());
        let (contact, id) = (event.contact.clone(), event.id.clone());
        self.core.runtime.spawn(async move {
            let entries = if app.writing.batch > 1 {
                match graph.join_batch(&app, object, &url, entry).await {
                    Some(entries) => entries,
                    None => return Outcome::Delivered,
                }
            } else {
                vec![entry]
            };
            let delivery = Delivery {
                kind,
                account: account.clone(),
                conversation: contact,
                id,
                url,
                headers: Vec::new(),
                body: Bytes::new(),
            };
            graph.deliver(&app, object, entries, delivery).await
        })
    }

    /// Adds an entry to its batch. Whoever fills it, or opened it and lingered, takes it along.
    async fn join_batch(
        &self,
        app: &App,
        object: Object,
        url: &str,
        entry: Value,
    ) -> Option<Vec<Value>> {
        let key = (app.id.clone(), object, url.to_owned());
        let first = {
            let mut waiting = lock(&self.batches.waiting);
            let batch = waiting.entry(key.clone()).or_default();
            batch.push(entry);
            if batch.len() >= app.writing.batch {
                return waiting.remove(&key);
            }
            batch.len() == 1
        };
        if !first {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(app.writing.linger_ms)).await;
        lock(&self.batches.waiting).remove(&key)
    }

    /// Writes, signs and posts; a Page or Instagram app that fails for an hour is uninstalled.
    async fn deliver(
        self: &Arc<Self>,
        app: &App,
        object: Object,
        entries: Vec<Value>,
        mut delivery: Delivery,
    ) -> Outcome {
        let value = json!({"object": object.name(), "entry": entries});
        let text = if app.writing.escape_unicode {
            escaped_json(&value)
        } else {
            value.to_string()
        };
        delivery.headers = vec![
            (
                "X-Hub-Signature-256",
                hub_signature(&app.secret, text.as_bytes()),
            ),
            ("User-Agent", "facebookexternalua".to_owned()),
        ];
        delivery.body = text.into();
        let (kind, account) = (delivery.kind, delivery.account.clone());
        let how = if kind == Kind::Whatsapp {
            WHATSAPP
        } else {
            MESSENGER
        };
        let outcome = self.hooks.deliver(delivery, how).await;
        if outcome == Outcome::GaveUp && kind != Kind::Whatsapp {
            self.registry.change(kind, &account, |line| {
                line.installed.remove(&app.id);
            });
            self.core.ledger.append(
                Service::Webhook,
                Entry {
                    kind: "app_unsubscribed",
                    account,
                    raw: json!({"app_id": app.id, "channel": kind.name()}),
                    ..Entry::default()
                },
            );
        }
        outcome
    }

    /// Posts any value under the app's signature, as one entry: for malformed and exotic webhooks.
    pub async fn emit_raw(
        self: &Arc<Self>,
        line: &Line,
        entries: Vec<Value>,
    ) -> Result<(), String> {
        let object = Object::of(line.kind).ok_or("not a Meta line")?;
        let (own, app) = self
            .registry
            .callback(&line.app_id, object)
            .ok_or("no such app")?;
        let callback = line
            .override_callback
            .clone()
            .or(own)
            .ok_or("the app has no callback for this object")?;
        let delivery = Delivery {
            kind: line.kind,
            account: line.id.clone(),
            conversation: String::new(),
            id: String::new(),
            url: callback.url,
            headers: Vec::new(),
            body: Bytes::new(),
        };
        let graph = self.clone();
        self.core.runtime.spawn(async move {
            graph.deliver(&app, object, entries, delivery).await;
        });
        Ok(())
    }
}

/// Field names differ between Meta's pages (`messaging_handover` and `messaging_handovers`,
/// `message_reactions` and `messaging_reactions`): either spelling counts.
fn wanted(callback: &Callback, installed: &BTreeSet<String>, field: &str) -> bool {
    let stem = |name: &str| name.trim_end_matches('s').replace("messaging_", "message_");
    let has = |fields: &BTreeSet<String>| {
        fields.is_empty() || fields.iter().any(|have| stem(have) == stem(field))
    };
    (callback.fields.is_empty() || has(&callback.fields)) && has(installed)
}
