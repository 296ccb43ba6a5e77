//! Delivered and read marks.

use super::decode::Item;
use crate::channels::meta::hash::dedupe_key;
use crate::channels::meta::json::{self, Lenient};
use domain::message::{DeliveryStatus, DeliveryTarget, DeliveryUpdate};
use domain::ports::{ChannelEvent, Decoded};
use domain::time::Timestamp;
use serde_json::Value;

/// Reads `delivery` (ids may be missing, the watermark stands always) and `read` (Messenger:
/// a watermark; Instagram: a message id).
pub(super) fn read(item: &Item<'_>, out: &mut Decoded) {
    if let Some(delivery) = item.value.child("delivery") {
        let mids = delivery.child("mids").and_then(Value::as_array);
        for mid in mids.into_iter().flatten().filter_map(Value::as_str) {
            push(
                item,
                "d",
                one(mid),
                mid,
                DeliveryStatus::Delivered,
                item.at,
                out,
            );
        }
        watermark(item, "d", delivery, DeliveryStatus::Delivered, out);
    }
    if let Some(read) = item.value.child("read") {
        if let Some(mid) = read.id("mid") {
            push(
                item,
                "rd",
                one(&mid),
                &mid,
                DeliveryStatus::Read,
                item.at,
                out,
            );
        }
        watermark(item, "rd", read, DeliveryStatus::Read, out);
    }
}

fn one(mid: &str) -> DeliveryTarget {
    DeliveryTarget::External {
        id: mid.to_owned(),
        identity: None,
    }
}

fn watermark(
    item: &Item<'_>,
    kind: &str,
    value: &Value,
    status: DeliveryStatus,
    out: &mut Decoded,
) {
    if let Some(upto) = json::instant_at(value, "watermark") {
        let who = item.contact.as_deref().unwrap_or_default();
        let key = format!("{who}:{}", upto.0);
        push(
            item,
            kind,
            DeliveryTarget::UpTo(upto),
            &key,
            status,
            upto,
            out,
        );
    }
}

fn push(
    item: &Item<'_>,
    kind: &str,
    which: DeliveryTarget,
    key: &str,
    status: DeliveryStatus,
    at: Timestamp,
    out: &mut Decoded,
) {
    let update = DeliveryUpdate {
        which,
        status,
        failure: None,
        at,
    };
    let event = ChannelEvent::Delivery(update);
    out.events
        .push(item.event(dedupe_key(&[kind, key]), at, event));
}
