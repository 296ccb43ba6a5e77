//! What the line's owner said on the phone or another app said on the line: seen, never
//! answered (`smb_message_echoes`, `standby.message_echoes`).

use super::{Scope, content, people};
use crate::channels::meta::hash::{content_key, dedupe_key};
use crate::channels::meta::json::{self, Lenient};
use domain::ports::{ChannelEvent, Decoded, EchoOrigin, Inbound};
use serde_json::Value;
use uuid::Uuid;

/// Reads one echo. In standby the message is a request body inside `message`.
pub(super) fn read(item: &Value, scope: &Scope<'_>, pointer: &str, out: &mut Decoded) {
    let Some(account) = scope.account.clone() else {
        out.undecodable
            .push(format!("{pointer}: no phone_number_id"));
        return;
    };
    let message = item
        .child("message")
        .filter(|m| m.is_object())
        .unwrap_or(item);
    // The side that names a recipient counts, before `contacts[]` may be asked.
    let named = ["to", "to_user_id", "recipient", "recipient_id"];
    let outside = named.iter().any(|field| item.id(field).is_some());
    let person = people::recipient(if outside { item } else { message }, scope);
    let Some(person) = person else {
        out.undecodable
            .push(format!("{pointer}: echo without recipient"));
        return;
    };
    let id = item.id("id");
    let key = match &id {
        Some(id) => dedupe_key(&["m", id]),
        None => content_key("m", &account, item),
    };
    let identity = [item, message]
        .into_iter()
        .find_map(|v| v.text("biz_opaque_callback_data"))
        .and_then(|text| Uuid::parse_str(text.trim()).ok());
    out.events.push(Inbound {
        account,
        contact: Some(person.address),
        profile: person.profile,
        dedupe_key: key.clone(),
        at: json::instant_at(item, "timestamp").unwrap_or(scope.at),
        pointer: pointer.to_owned(),
        event: ChannelEvent::Echo {
            external_id: id.unwrap_or(key),
            identity,
            origin: EchoOrigin::Foreign,
            content: content::of(message, item.items("errors")),
        },
    });
}
