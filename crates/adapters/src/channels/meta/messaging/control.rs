//! The thread changes hands between apps (`channels.md` §4.7).

use super::Reader;
use super::decode::Item;
use crate::channels::meta::json::Lenient;
use domain::ports::{ChannelEvent, Decoded};

/// Reads a change of hands; false if the item is none.
pub(super) fn read(reader: &Reader<'_>, item: &Item<'_>, out: &mut Decoded) -> bool {
    let value = item.value;
    let ours =
        |app: Option<String>| !reader.app_id.is_empty() && app.as_deref() == Some(reader.app_id);
    for kind in [
        "pass_thread_control",
        "take_thread_control",
        "release_thread_control",
    ] {
        let Some(change) = value.child(kind) else {
            continue;
        };
        if item.contact.is_none() {
            out.undecodable
                .push(format!("{}: {kind} without contact", item.pointer));
            return true;
        }
        let event = ChannelEvent::ThreadControl {
            ours: ours(change.id("new_owner_app_id")),
        };
        out.events
            .push(item.event(item.key("tc", change), item.at, event));
        return true;
    }
    for kind in [
        "request_thread_control",
        "app_roles",
        "policy_enforcement",
        "policy-enforcement",
    ] {
        let Some(news) = value.child(kind) else {
            continue;
        };
        let event = ChannelEvent::Account {
            code: kind.to_owned(),
            detail: ["requested_owner_app_id", "action", "reason"]
                .iter()
                .filter_map(|field| news.id(field))
                .collect::<Vec<_>>()
                .join(" · "),
        };
        out.events
            .push(item.event(item.key("a", news), item.at, event));
        return true;
    }
    false
}
