//! One element of `messages[]`.

use super::people::{self, Person};
use super::{Scope, content};
use crate::channels::meta::hash::{content_key, dedupe_key};
use crate::channels::meta::json::{self, Lenient};
use crate::channels::whatsapp::number;
use domain::contact::ContactAddress;
use domain::message::{Content, Referral};
use domain::ports::{ChannelEvent, Decoded, Inbound};
use serde_json::Value;

/// Reads one message into its events; true if it could not be shown, so that an error told
/// beside it is its explanation.
pub(super) fn read(
    item: &Value,
    errors: &[Value],
    scope: &Scope<'_>,
    pointer: &str,
    out: &mut Decoded,
) -> bool {
    let Some(account) = scope.account.clone() else {
        out.undecodable
            .push(format!("{pointer}: no phone_number_id"));
        return false;
    };
    if item.child("group_id").is_some() {
        // Answering a group's member in private would leak; groups are not supported.
        out.undecodable.push(format!("{pointer}: group message"));
        return false;
    }
    let Some(person) = people::author(item, scope).or_else(|| former_number(item)) else {
        out.undecodable.push(format!("{pointer}: no sender"));
        return false;
    };
    let key = match item.id("id") {
        Some(id) => dedupe_key(&["m", &id]),
        None => content_key("m", &account, item),
    };
    let told_errors = if item.items("errors").is_empty() {
        errors
    } else {
        item.items("errors")
    };
    let content = content::of(item, told_errors);
    let unsupported = matches!(content, Content::Unsupported { .. });
    let mut push = |suffix: &str, external_id, reply_to, content| {
        out.events.push(Inbound {
            account: account.clone(),
            contact: Some(person.address.clone()),
            profile: person.profile.clone(),
            dedupe_key: format!("{key}{suffix}"),
            at: json::instant_at(item, "timestamp").unwrap_or(scope.at),
            pointer: pointer.to_owned(),
            event: ChannelEvent::Message {
                external_id,
                content,
                reply_to,
                tap: None,
                standby: scope.standby,
            },
        });
    };
    if let Some(referral) = item.child("referral") {
        push("#referral", None, None, Content::Referral(ad(referral)));
    }
    if let Some(product) = item
        .child("context")
        .and_then(|c| c.child("referred_product"))
    {
        push("#product", None, None, content::product(product));
    }
    let reply_to = match content {
        Content::Choice { .. } => None, // the offering message is named in the choice
        _ => item.child("context").and_then(|c| c.id("id")),
    };
    push("", item.id("id"), reply_to, content);
    moved(item, &person, &account, &key, scope, pointer, out);
    unsupported
}

/// A click on an advertisement or a post that led here.
fn ad(referral: &Value) -> Referral {
    let text = |field: &str| referral.text(field).map(str::to_owned);
    Referral {
        parameter: text("ctwa_clid"),
        source: text("source_type"),
        ad_id: referral.id("source_id"),
        headline: text("headline").or_else(|| text("body")),
        url: text("source_url"),
    }
}

/// System messages may name the author only inside.
fn former_number(item: &Value) -> Option<Person> {
    let key = item.child("system")?.id("customer")?;
    Some(Person {
        address: ContactAddress::of(number::digits(&key).unwrap_or(key)),
        profile: domain::contact::ContactProfile::default(),
    })
}

/// The person has a new number, and with it a new user id.
fn moved(
    item: &Value,
    person: &Person,
    account: &str,
    key: &str,
    scope: &Scope<'_>,
    pointer: &str,
    out: &mut Decoded,
) {
    let Some(system) = item.child("system") else {
        return;
    };
    let changed = ["user_changed_number", "customer_changed_number"];
    if !system.text("type").is_some_and(|t| changed.contains(&t)) {
        return;
    }
    let number = system.id("wa_id").or_else(|| system.id("new_wa_id"));
    let to = match (system.id("user_id"), number) {
        (Some(key), alias) => ContactAddress {
            key,
            alias,
            thread: None,
        },
        (None, Some(number)) => ContactAddress::of(number),
        (None, None) => return,
    };
    out.events.push(Inbound {
        account: account.to_owned(),
        contact: Some(person.address.clone()),
        profile: person.profile.clone(),
        dedupe_key: format!("{key}#moved"),
        at: json::instant_at(item, "timestamp").unwrap_or(scope.at),
        pointer: pointer.to_owned(),
        event: ChannelEvent::Moved { to },
    });
}
