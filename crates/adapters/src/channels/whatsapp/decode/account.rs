//! News about the account rather than a conversation.

use super::{Line, Scope, people, status};
use crate::channels::meta::hash::{content_key, dedupe_key};
use crate::channels::meta::json::{self, Lenient};
use domain::contact::{ContactAddress, ContactProfile};
use domain::message::Content;
use domain::ports::{ChannelEvent, Decoded, Inbound};
use domain::time::Timestamp;
use serde_json::Value;

/// One element of `value.errors[]` that no message explains: a problem of app or account.
pub(super) fn error(item: &Value, scope: &Scope<'_>, pointer: &str, out: &mut Decoded) {
    let Some(account) = scope.account.clone() else {
        out.undecodable
            .push(format!("{pointer}: no phone_number_id"));
        return;
    };
    out.events.push(Inbound {
        dedupe_key: dedupe_key(&[&content_key("e", &account, item), &scope.at.0.to_string()]),
        account,
        contact: None,
        profile: ContactProfile::default(),
        at: scope.at,
        pointer: pointer.to_owned(),
        event: ChannelEvent::Account {
            code: item.id("code").unwrap_or_else(|| "?".to_owned()),
            detail: status::describe(item),
        },
    });
}

/// The contact stopped or resumed marketing messages.
pub(super) fn preferences(value: &Value, pointer: &str, at: Timestamp, out: &mut Decoded) {
    let Some(account) = super::scope_account(value) else {
        return;
    };
    let scope = Scope {
        account: Some(account.clone()),
        contacts: value.items("contacts"),
        standby: false,
        at,
    };
    let list = value.items("user_preferences");
    let lone = [value.clone()];
    let list = if list.is_empty() { &lone[..] } else { list };
    for item in list {
        let person = people::recipient(item, &scope).map(|p| p.address);
        let contact = person.or_else(|| item.id("wa_id").map(ContactAddress::of));
        let (Some(contact), Some(choice)) = (contact, item.text("value")) else {
            out.undecodable
                .push(format!("{pointer}: preference without contact or value"));
            continue;
        };
        let category = item.text("category").unwrap_or("marketing_messages");
        out.events.push(Inbound {
            dedupe_key: content_key("p", &account, item),
            account: account.clone(),
            contact: Some(contact),
            profile: ContactProfile::default(),
            at: json::instant_at(item, "timestamp").unwrap_or(at),
            pointer: pointer.to_owned(),
            event: ChannelEvent::Message {
                external_id: None,
                content: Content::Notice {
                    code: format!("{category}:{choice}"),
                    text: item.text("detail").unwrap_or(choice).to_owned(),
                },
                reply_to: None,
                tap: None,
                standby: false,
            },
        });
    }
}

/// A field without messages: quality, restrictions, templates. Shown in the channel's health.
pub(super) fn news(
    line: &Line<'_>,
    entry: &Value,
    field: &str,
    value: &Value,
    pointer: &str,
    at: Timestamp,
    out: &mut Decoded,
) {
    let business = entry.id("id").unwrap_or_default();
    let own = line.phone_number_id.to_owned();
    let account = super::scope_account(value).unwrap_or_else(|| {
        if business == line.waba_id {
            own
        } else {
            business
        }
    });
    let parts = [
        "event",
        "current_limit",
        "message_template_name",
        "reason",
        "decision",
    ];
    let detail: Vec<String> = parts.iter().filter_map(|f| value.id(f)).collect();
    let hash = content_key("a", &account, value);
    out.events.push(Inbound {
        dedupe_key: dedupe_key(&[&hash, &at.0.to_string()]),
        account,
        contact: None,
        profile: ContactProfile::default(),
        at,
        pointer: pointer.to_owned(),
        event: ChannelEvent::Account {
            code: field.to_owned(),
            detail: detail.join(" · "),
        },
    });
}
