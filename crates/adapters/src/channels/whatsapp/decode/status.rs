//! One element of `statuses[]`: how far something we sent got.

use super::{Scope, people};
use crate::channels::meta::hash::dedupe_key;
use crate::channels::meta::json::{self, Lenient};
use domain::message::{DeliveryStatus, DeliveryTarget, DeliveryUpdate};
use domain::ports::{ChannelEvent, Decoded, Inbound};
use serde_json::Value;
use uuid::Uuid;

/// Reads one status. A repeated one has the same key; two participants of a group do not.
pub(super) fn read(item: &Value, scope: &Scope<'_>, pointer: &str, out: &mut Decoded) {
    let Some(account) = scope.account.clone() else {
        out.undecodable
            .push(format!("{pointer}: no phone_number_id"));
        return;
    };
    let (Some(id), Some(told)) = (item.id("id"), item.text("status")) else {
        out.undecodable
            .push(format!("{pointer}: status without id or status"));
        return;
    };
    let status = match told {
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" | "played" => DeliveryStatus::Read,
        "failed" => DeliveryStatus::Failed,
        _ => {
            out.undecodable.push(format!("{pointer}: unknown status"));
            return;
        }
    };
    let participant = item.id("recipient_participant_id").unwrap_or_default();
    let at = json::instant_at(item, "timestamp").unwrap_or(scope.at);
    let group = item.text("recipient_type") == Some("group");
    let person = people::recipient(item, scope).filter(|_| !group);
    let (contact, profile) = match person {
        Some(person) => (Some(person.address), person.profile),
        None => (None, domain::contact::ContactProfile::default()),
    };
    let identity = item
        .text("biz_opaque_callback_data")
        .and_then(|text| Uuid::parse_str(text.trim()).ok());
    out.events.push(Inbound {
        account,
        contact,
        profile,
        dedupe_key: dedupe_key(&["s", &id, told, &participant]),
        at,
        pointer: pointer.to_owned(),
        event: ChannelEvent::Delivery(DeliveryUpdate {
            which: DeliveryTarget::External { id, identity },
            status,
            failure: (status == DeliveryStatus::Failed).then(|| failure(item)),
            at,
        }),
    });
}

/// Code and words of a failure, e.g. `131047: Re-engagement message – details`.
fn failure(item: &Value) -> String {
    let lines: Vec<String> = item.items("errors").iter().map(describe).collect();
    if lines.is_empty() {
        "failed".to_owned()
    } else {
        lines.join("; ")
    }
}

/// One `errors[]` element in words.
pub(super) fn describe(error: &Value) -> String {
    let code = error.id("code").unwrap_or_else(|| "?".to_owned());
    let title = error.text("title").or_else(|| error.text("message"));
    let details = match error.child("error_data") {
        Some(Value::String(text)) => Some(text.as_str()),
        Some(data) => data.text("details"),
        None => None,
    };
    let words: Vec<&str> = title.into_iter().chain(details).collect();
    format!("{code}: {}", words.join(" – "))
        .trim_end_matches([':', ' '])
        .to_owned()
}
