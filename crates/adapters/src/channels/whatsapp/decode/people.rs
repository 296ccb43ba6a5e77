//! Who an item is about. Guessing wrong would show one person's words to another, so an
//! entry of `contacts[]` counts only when an id proves that it is theirs.

use super::Scope;
use crate::channels::meta::json::Lenient;
use crate::channels::whatsapp::number;
use domain::contact::{ContactAddress, ContactProfile};
use serde_json::Value;

/// A person as one webhook names them.
pub(super) struct Person {
    pub(super) address: ContactAddress,
    pub(super) profile: ContactProfile,
}

/// The author of a message: `from` and `from_user_id`, completed from `contacts[]`.
pub(super) fn author(item: &Value, scope: &Scope<'_>) -> Option<Person> {
    person(
        item.id("from"),
        item.id("from_user_id").or_else(|| item.id("user_id")),
        scope,
    )
}

/// The recipient of something we or the line's owner sent.
pub(super) fn recipient(item: &Value, scope: &Scope<'_>) -> Option<Person> {
    let number = item.id("recipient_id").or_else(|| item.id("to"));
    let user = ["recipient_user_id", "to_user_id", "recipient", "user_id"]
        .iter()
        .find_map(|field| item.id(field));
    person(number, user, scope)
}

/// The stable key is the user id when there is one, with the number as alias; else the number
/// exactly as it came in, because that is what can be answered.
fn person(number: Option<String>, user: Option<String>, scope: &Scope<'_>) -> Option<Person> {
    // A user id may also stand where the number used to be.
    let (number, user) = match number {
        Some(id) if number::digits(&id).is_none() => (None, user.or(Some(id))),
        number => (number.and_then(|n| number::digits(&n)), user),
    };
    let entry = entry_of(number.as_deref(), user.as_deref(), scope);
    let told = entry
        .and_then(|e| e.id("wa_id"))
        .and_then(|n| number::digits(&n));
    let user = user.or_else(|| entry.and_then(|e| e.id("user_id")));
    let profile = entry.map(|e| profile(e, number.as_deref().or(told.as_deref())));
    let address = match (user, number, told) {
        (Some(key), number, told) => ContactAddress {
            key,
            alias: number.or(told),
            thread: None,
        },
        (None, Some(key), told) => ContactAddress {
            alias: told.filter(|t| *t != key),
            key,
            thread: None,
        },
        (None, None, Some(key)) => ContactAddress::of(key),
        (None, None, None) => return None,
    };
    let profile = profile.unwrap_or_else(|| ContactProfile {
        phone: number::with_plus(address.alias.as_deref().unwrap_or(&address.key)),
        ..ContactProfile::default()
    });
    Some(Person { address, profile })
}

fn entry_of<'a>(number: Option<&str>, user: Option<&str>, scope: &Scope<'a>) -> Option<&'a Value> {
    let by_user = |entry: &&Value| user.is_some() && entry.id("user_id").as_deref() == user;
    let exact = |entry: &&Value| number.is_some() && entry.id("wa_id").as_deref() == number;
    let same = |entry: &&Value| {
        number.is_some_and(|n| entry.id("wa_id").is_some_and(|w| number::same(n, &w)))
    };
    // A person who hides the number is recognised only by standing alone.
    let alone = |entry: &&Value| {
        scope.contacts.len() == 1
            && match (number, user) {
                (None, None) => true,
                (Some(_), None) => entry.id("wa_id").is_none(),
                (None, Some(_)) => entry.id("user_id").is_none(),
                (Some(_), Some(_)) => false,
            }
    };
    let list = scope.contacts;
    list.iter()
        .find(by_user)
        .or_else(|| list.iter().find(exact))
        .or_else(|| list.iter().find(same))
        .or_else(|| list.iter().find(alone))
}

fn profile(entry: &Value, number: Option<&str>) -> ContactProfile {
    let told = entry.child("profile");
    let text = |field: &str| {
        told.and_then(|p| p.text(field))
            .map(crate::channels::meta::words::one_line)
            .filter(|t| !t.is_empty())
    };
    ContactProfile {
        name: text("name"),
        username: text("username").map(|u| u.trim_start_matches('@').to_owned()),
        phone: number.and_then(number::with_plus),
        ..ContactProfile::default()
    }
}
