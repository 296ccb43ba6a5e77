//! Inbound WhatsApp webhooks: the `messages` field's value.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;

use crate::graph::Graph;
use crate::graph::emit::Event;
use crate::graph::line::Line;
use crate::phone::threads::Person;
use crate::webhook::Outcome;

/// The business-scoped user id of a number, which stands in for a hidden number.
pub(crate) fn business_scoped_id(wa_id: &str) -> String {
    format!("ES.7{wa_id:0>19}")
}

/// The number behind a business-scoped id of ours.
pub(crate) fn number_of(business_scoped: &str) -> Option<String> {
    let digits = business_scoped.strip_prefix("ES.7")?;
    let number = digits.trim_start_matches('0');
    (!number.is_empty()).then(|| number.to_owned())
}

fn metadata(line: &Line) -> Value {
    json!({"display_phone_number": line.number, "phone_number_id": line.id})
}

fn contact(person: &Person) -> Value {
    let mut profile = json!({"name": person.name});
    if let Some(username) = &person.username {
        profile["username"] = username.as_str().into();
    }
    let mut contact = json!({"profile": profile, "user_id": business_scoped_id(&person.id)});
    if !person.number_hidden {
        contact["wa_id"] = person.id.as_str().into();
    }
    contact
}

/// A message of the user: `kind` is its `type`, `fields` what else it has.
pub(crate) fn message(
    graph: &Arc<Graph>,
    line: &Line,
    person: &Person,
    id: &str,
    kind: &str,
    fields: Value,
) -> Vec<JoinHandle<Outcome>> {
    let mut message = Map::new();
    if !person.number_hidden {
        message.insert("from".into(), person.id.as_str().into());
    }
    message.insert("from_user_id".into(), business_scoped_id(&person.id).into());
    message.insert("id".into(), id.into());
    message.insert(
        "timestamp".into(),
        (graph.now_ms() / 1000).to_string().into(),
    );
    message.insert("type".into(), kind.into());
    if let Value::Object(fields) = fields {
        message.extend(fields);
    }
    graph.emit(
        line,
        Event {
            field: "messages",
            item: json!({
                "messaging_product": "whatsapp",
                "metadata": metadata(line),
                "contacts": [contact(person)],
                "messages": [message],
            }),
            contact: person.id.clone(),
            id: id.to_owned(),
            only_app: None,
        },
    )
}

/// A status of one of our messages; `status` is the whole object.
pub(crate) fn status(
    graph: &Arc<Graph>,
    line: &Line,
    contact_id: &str,
    id: &str,
    status: Value,
) -> Vec<JoinHandle<Outcome>> {
    graph.emit(
        line,
        Event {
            field: "messages",
            item: json!({
                "messaging_product": "whatsapp",
                "metadata": metadata(line),
                "contacts": [{"wa_id": contact_id, "user_id": business_scoped_id(contact_id)}],
                "statuses": [status],
            }),
            contact: contact_id.to_owned(),
            id: id.to_owned(),
            only_app: None,
        },
    )
}

/// A message that a human sent from the business's own phone (coexistence).
pub(crate) fn own_phone_echo(
    graph: &Arc<Graph>,
    line: &Line,
    contact_id: &str,
    id: &str,
    text: &str,
) -> Vec<JoinHandle<Outcome>> {
    graph.emit(
        line,
        Event {
            field: "smb_message_echoes",
            item: json!({
                "messaging_product": "whatsapp",
                "metadata": metadata(line),
                "message_echoes": [{
                    "from": line.number,
                    "to": contact_id,
                    "to_user_id": business_scoped_id(contact_id),
                    "id": id,
                    "timestamp": (graph.now_ms() / 1000).to_string(),
                    "type": "text",
                    "text": {"body": text},
                }],
            }),
            contact: contact_id.to_owned(),
            id: id.to_owned(),
            only_app: None,
        },
    )
}
