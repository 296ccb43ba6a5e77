//! Cutting a batch: the same webhook with only some of its items, signed anew.

use super::{json, signature};
use domain::ports::{RawWebhook, VerifiedWebhook};
use domain::secret::Secret;
use serde_json::Value;
use std::collections::BTreeSet;

/// The lists whose elements are independent of each other; only these are thinned out.
const BATCHES: [&str; 8] = [
    "entry",
    "changes",
    "messaging",
    "standby",
    "messages",
    "statuses",
    "errors",
    "message_echoes",
];

/// The webhook with only the items at `pointers`. The original, byte for byte and with its own
/// headers, when nothing is left out; `None` when no pointer leads anywhere.
#[must_use]
pub fn excerpt(
    secrets: &[Secret],
    webhook: &VerifiedWebhook,
    pointers: &[String],
) -> Option<RawWebhook> {
    let raw = webhook.raw();
    let body = json::parse(&raw.body).ok()?;
    let kept: BTreeSet<Vec<String>> = pointers
        .iter()
        .filter(|pointer| body.pointer(pointer).is_some())
        .map(|pointer| steps(pointer))
        .collect();
    if kept.is_empty() {
        return None;
    }
    let mut path = Vec::new();
    let cut = keep(&body, &mut path, &kept);
    if cut == body {
        return Some(raw.clone());
    }
    Some(signature::signed(secrets, json::to_escaped_bytes(&cut)))
}

fn steps(pointer: &str) -> Vec<String> {
    let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
    pointer.split('/').skip(1).map(unescaped).collect()
}

/// A copy of `value`, which stands at `path`, without the batch elements that no kept path
/// leads to.
fn keep(value: &Value, path: &mut Vec<String>, kept: &BTreeSet<Vec<String>>) -> Value {
    if kept.iter().any(|wanted| path.starts_with(wanted)) {
        return value.clone(); // asked for, or part of what was asked for
    }
    let leads = |path: &[String]| kept.iter().any(|wanted| wanted.starts_with(path));
    let step_in = |path: &mut Vec<String>, step: String, child: &Value| {
        path.push(step);
        let copy = keep(child, path, kept);
        path.pop();
        copy
    };
    match value {
        Value::Object(fields) => {
            let mut copy = serde_json::Map::new();
            for (name, child) in fields {
                path.push(name.clone());
                let on_the_way = leads(path);
                path.pop();
                let batch = BATCHES.contains(&name.as_str());
                if on_the_way {
                    copy.insert(name.clone(), step_in(path, name.clone(), child));
                } else if !batch {
                    copy.insert(name.clone(), child.clone());
                }
            }
            if BATCHES.iter().any(|name| fields.contains_key(*name)) {
                thin_contacts(&mut copy);
            }
            Value::Object(copy)
        }
        Value::Array(elements) => {
            let batch = path.last().is_some_and(|n| BATCHES.contains(&n.as_str()));
            let mut copy = Vec::new();
            for (index, child) in elements.iter().enumerate() {
                path.push(index.to_string());
                let on_the_way = leads(path);
                path.pop();
                if on_the_way {
                    copy.push(step_in(path, index.to_string(), child));
                } else if !batch {
                    copy.push(child.clone());
                }
            }
            Value::Array(copy)
        }
        other => other.clone(),
    }
}

/// Drops WhatsApp's `contacts[]` of people whose messages were left out.
fn thin_contacts(value: &mut serde_json::Map<String, Value>) {
    let mut rest = value.clone();
    let Some(Value::Array(contacts)) = rest.remove("contacts") else {
        return;
    };
    let mut named = BTreeSet::new();
    for list in ["messages", "statuses", "message_echoes"] {
        for item in rest
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            for field in [
                "from",
                "from_user_id",
                "to",
                "to_user_id",
                "recipient_id",
                "user_id",
            ] {
                named.extend(item.get(field).and_then(Value::as_str).map(str::to_owned));
            }
        }
    }
    if contacts.len() < 2 || named.is_empty() {
        return;
    }
    let digits: Vec<_> = named
        .iter()
        .flat_map(|n| crate::channels::whatsapp::number::variants(n))
        .collect();
    let theirs = |contact: &Value| {
        ["wa_id", "user_id"].iter().any(|field| {
            contact
                .get(*field)
                .and_then(Value::as_str)
                .is_some_and(|id| named.contains(id) || digits.iter().any(|d| d == id))
        })
    };
    let contacts = contacts.into_iter().filter(theirs).collect();
    value.insert("contacts".to_owned(), Value::Array(contacts));
}
