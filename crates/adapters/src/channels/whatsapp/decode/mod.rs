//! From a WhatsApp webhook to events (`channels.md` §2.3, §2.4).
//!
//! `entry[]` × `changes[]` × (`messages[]`, `statuses[]`, `message_echoes[]`, `errors[]`), each
//! item on its own: a broken one is reported with its place and never takes others with it.

mod account;
mod content;
mod echo;
mod interactive;
mod media;
mod message;
mod people;
mod status;

use crate::channels::meta::json::{self, Lenient};
use domain::ports::{Decoded, VerifiedWebhook};
use domain::time::Timestamp;
use serde_json::Value;

/// One `value` of the batch, with what its items need to know about it.
struct Scope<'a> {
    /// `metadata.phone_number_id`: the line it was sent to.
    account: Option<String>,
    /// The people named beside the items.
    contacts: &'a [Value],
    /// Another app or agent owns the thread.
    standby: bool,
    /// When the platform says nothing better.
    at: Timestamp,
}

/// The fields that carry messages; all others are news about the account.
const CONVERSATIONAL: [&str; 4] = [
    "messages",
    "smb_message_echoes",
    "standby",
    "user_preferences",
];

/// The line whose webhooks are read.
struct Line<'a> {
    phone_number_id: &'a str,
    waba_id: &'a str,
}

/// Reads a whole webhook.
///
/// Times are the platform's; an item without any carries the epoch.
pub(super) fn decode(phone_number_id: &str, waba_id: &str, webhook: &VerifiedWebhook) -> Decoded {
    let mut out = Decoded::default();
    let body = match json::parse(&webhook.raw().body) {
        Ok(body) => body,
        Err(error) => {
            out.undecodable.push(format!("not JSON: {error}"));
            return out;
        }
    };
    let line = Line {
        phone_number_id,
        waba_id,
    };
    if body.items("entry").is_empty() {
        out.undecodable.push("/entry: missing or empty".to_owned());
    }
    for (e, entry) in body.items("entry").iter().enumerate() {
        for (c, change) in entry.items("changes").iter().enumerate() {
            let pointer = format!("/entry/{e}/changes/{c}");
            read_change(&line, entry, change, &pointer, &mut out);
        }
    }
    out
}

fn read_change(line: &Line<'_>, entry: &Value, change: &Value, pointer: &str, out: &mut Decoded) {
    let Some(value) = change.child("value") else {
        out.undecodable.push(format!("{pointer}: no value"));
        return;
    };
    let field = change.text("field").unwrap_or("messages");
    let at = json::instant_at(entry, "time").unwrap_or_default();
    let before = (out.events.len(), out.undecodable.len());
    read_value(value, &format!("{pointer}/value"), false, at, out);
    if let Some(inner) = value.child("standby") {
        let outer = scope_account(value);
        read_standby(inner, outer, &format!("{pointer}/value/standby"), at, out);
    }
    if field == "user_preferences" {
        account::preferences(value, &format!("{pointer}/value"), at, out);
    }
    let silent = (out.events.len(), out.undecodable.len()) == before;
    if silent && CONVERSATIONAL.contains(&field) {
        out.undecodable.push(format!("{pointer}: nothing in it"));
    } else if silent {
        account::news(line, entry, field, value, pointer, at, out);
    }
}

fn scope_account(value: &Value) -> Option<String> {
    value
        .child("metadata")
        .and_then(|m| m.id("phone_number_id"))
}

fn read_standby(
    inner: &Value,
    outer: Option<String>,
    pointer: &str,
    at: Timestamp,
    out: &mut Decoded,
) {
    let scope = Scope {
        account: scope_account(inner).or(outer),
        contacts: inner.items("contacts"),
        standby: true,
        at,
    };
    read_items(inner, &scope, pointer, out);
}

fn read_value(value: &Value, pointer: &str, standby: bool, at: Timestamp, out: &mut Decoded) {
    let scope = Scope {
        account: scope_account(value),
        contacts: value.items("contacts"),
        standby,
        at,
    };
    read_items(value, &scope, pointer, out);
}

fn read_items(value: &Value, scope: &Scope<'_>, pointer: &str, out: &mut Decoded) {
    for list in ["messages", "statuses", "message_echoes", "errors"] {
        if !matches!(
            value.get(list),
            None | Some(Value::Null | Value::Array(_) | Value::Object(_))
        ) {
            out.undecodable
                .push(format!("{pointer}/{list}: not a list"));
        }
    }
    let mut explained = false;
    for (index, item) in value.items("messages").iter().enumerate() {
        let errors = value.items("errors");
        explained |= message::read(
            item,
            errors,
            scope,
            &place(value, pointer, "messages", index),
            out,
        );
    }
    for (index, item) in value.items("statuses").iter().enumerate() {
        status::read(item, scope, &place(value, pointer, "statuses", index), out);
    }
    for (index, item) in value.items("message_echoes").iter().enumerate() {
        echo::read(
            item,
            scope,
            &place(value, pointer, "message_echoes", index),
            out,
        );
    }
    // An error beside a message that could not be shown belongs to that message.
    if !explained {
        for (index, item) in value.items("errors").iter().enumerate() {
            account::error(item, scope, &place(value, pointer, "errors", index), out);
        }
    }
}

/// Where an item stands; a lone object in place of a list has no index.
fn place(value: &Value, pointer: &str, list: &str, index: usize) -> String {
    match value.get(list) {
        Some(Value::Object(_)) => format!("{pointer}/{list}"),
        _ => format!("{pointer}/{list}/{index}"),
    }
}
