//! From a webhook to events: `entry[]` × (`messaging[]`, `standby[]`), each item on its own.

use super::{Reader, control, message, receipts};
use crate::channels::meta::hash::{content_key, dedupe_key};
use crate::channels::meta::json::{self, Lenient};
use domain::contact::{ContactAddress, ContactProfile};
use domain::message::Content;
use domain::ports::{ChannelEvent, Decoded, Inbound, VerifiedWebhook};
use domain::time::Timestamp;
use serde_json::Value;

/// One item with what is already known about it.
pub(super) struct Item<'a> {
    pub(super) value: &'a Value,
    /// `entry[].id`.
    pub(super) account: String,
    /// The contact, whichever side of the item they stand on.
    pub(super) contact: Option<String>,
    /// Whether our own side is the sender.
    pub(super) outgoing: bool,
    pub(super) standby: bool,
    pub(super) at: Timestamp,
    pub(super) pointer: String,
}

impl Item<'_> {
    /// An event of this item.
    pub(super) fn event(&self, dedupe_key: String, at: Timestamp, event: ChannelEvent) -> Inbound {
        Inbound {
            account: self.account.clone(),
            contact: self.contact.clone().map(ContactAddress::of),
            profile: ContactProfile::default(),
            dedupe_key,
            at,
            pointer: self.pointer.clone(),
            event,
        }
    }

    /// The contact said something.
    pub(super) fn said(&self, key: String, id: Option<String>, content: Content) -> Inbound {
        self.reply(key, id, content, None)
    }

    /// The contact said something in answer to an earlier message.
    pub(super) fn reply(
        &self,
        key: String,
        external_id: Option<String>,
        content: Content,
        reply_to: Option<String>,
    ) -> Inbound {
        let event = ChannelEvent::Message {
            external_id,
            content,
            reply_to,
            tap: None,
            standby: self.standby,
        };
        self.event(key, self.at, event)
    }

    /// The key of a part of the item that has no id of its own.
    pub(super) fn key(&self, kind: &str, part: &Value) -> String {
        let who = self.contact.as_deref().unwrap_or_default();
        let hash = content_key(kind, &self.account, part);
        dedupe_key(&[&hash, who, &self.at.0.to_string()])
    }
}

/// Reads a whole webhook. Comments and other `changes[]` that are no messages are left aside.
#[must_use]
pub fn decode(reader: &Reader<'_>, webhook: &VerifiedWebhook) -> Decoded {
    let mut out = Decoded::default();
    let body = match json::parse(&webhook.raw().body) {
        Ok(body) => body,
        Err(error) => {
            out.undecodable.push(format!("not JSON: {error}"));
            return out;
        }
    };
    if body.items("entry").is_empty() {
        out.undecodable.push("/entry: missing or empty".to_owned());
    }
    for (e, entry) in body.items("entry").iter().enumerate() {
        let at = json::instant_at(entry, "time").unwrap_or_default();
        for (list, standby) in [("messaging", false), ("standby", true)] {
            if !matches!(
                entry.get(list),
                None | Some(Value::Null | Value::Array(_) | Value::Object(_))
            ) {
                out.undecodable
                    .push(format!("/entry/{e}/{list}: not a list"));
            }
            for (index, value) in entry.items(list).iter().enumerate() {
                let pointer = match entry.get(list) {
                    Some(Value::Object(_)) => format!("/entry/{e}/{list}"),
                    _ => format!("/entry/{e}/{list}/{index}"),
                };
                read(reader, entry, value, standby, at, pointer, &mut out);
            }
        }
        // Instagram's own login sometimes wraps the same item as a change.
        for (index, change) in entry.items("changes").iter().enumerate() {
            let value = change
                .child("value")
                .filter(|v| v.child("sender").is_some() && v.child("recipient").is_some());
            if let Some(value) = value {
                let pointer = format!("/entry/{e}/changes/{index}");
                read(reader, entry, value, false, at, pointer, &mut out);
            }
        }
    }
    out
}

fn read(
    reader: &Reader<'_>,
    entry: &Value,
    value: &Value,
    standby: bool,
    entry_at: Timestamp,
    pointer: String,
    out: &mut Decoded,
) {
    let party = |side: &str| value.child(side).and_then(|p| p.id("id"));
    let (sender, recipient) = (party("sender"), party("recipient"));
    let echo = value.child("message").is_some_and(|m| m.flag("is_echo"));
    let us = |id: &Option<String>| id.as_deref() == Some(reader.account);
    // In an echo the sides are swapped: the contact is the recipient.
    let outgoing = echo || us(&sender);
    let other = if outgoing {
        recipient.clone()
    } else {
        sender.clone()
    };
    let contact = other.filter(|id| id != reader.account);
    let account = entry.id("id").or(if outgoing { sender } else { recipient });
    let Some(account) = account else {
        out.undecodable.push(format!("{pointer}: no account"));
        return;
    };
    let item = Item {
        value,
        account,
        contact,
        outgoing,
        standby,
        at: json::instant_at(value, "timestamp").unwrap_or(entry_at),
        pointer,
    };
    let before = out.events.len();
    if control::read(reader, &item, out) {
        return;
    }
    if item.contact.is_none() {
        out.undecodable
            .push(format!("{}: no contact", item.pointer));
        return;
    }
    message::read(reader, &item, out);
    receipts::read(&item, out);
    if out.events.len() == before {
        let known = ["sender", "recipient", "timestamp"];
        let what = value
            .as_object()
            .and_then(|o| o.keys().find(|k| !known.contains(&k.as_str())));
        let what = what.map_or("empty", String::as_str);
        if item.outgoing {
            out.undecodable
                .push(format!("{}: {what} from our side", item.pointer));
            return;
        }
        let content = Content::Unsupported {
            what: what.chars().take(60).collect(),
        };
        out.events
            .push(item.said(item.key("u", value), None, content));
    }
}
