//! Telegram: which calls are speech, towards whom, and what is said (`channels.md` §3.5).
//!
//! Telegram reads method names without regard to case and takes parameters from the query and
//! from any kind of body, so that all of these are looked at.

mod calls;
mod content;
mod hook;
mod keyboard;
mod markup;
mod method;
pub(super) mod words;

pub(super) use hook::HookCall;
pub(super) use method::Class;

use super::params::Params;
use super::request::BotRequest;
use super::speech::{Speech, Whom};
use domain::contact::ContactAddress;

/// Begins the thread of an address that is reached through a business account, as the decoder of
/// webhooks writes it.
const BUSINESS_THREAD: &str = "business:";

/// What a method is.
pub(super) fn class(method: &str) -> Class {
    method::class(method)
}

/// What a call says; `class` is the method's, and not one of the webhook's own methods.
pub(super) fn speech(method: &str, class: Class, request: &BotRequest) -> Speech {
    if class == Class::Neutral {
        return Speech::Neutral;
    }
    let Ok(params) = Params::of(request) else {
        return Speech::Unreadable("can't parse the request's parameters");
    };
    let method = method.to_ascii_lowercase();
    let to = match address(&method, &params) {
        Ok(to) => to,
        Err(why) => return Speech::Unreadable(why),
    };
    match (class, to) {
        (Class::Sends, Some(to)) => Speech::Sends {
            to: Some(to),
            content: content::of(&method, &params),
        },
        (Class::Answers, _) if method == "answercallbackquery" => callback(&params),
        (Class::Shows, Some(to)) => Speech::Shows(Whom::Contact(to)),
        // Broadcast channels and inline messages belong to no conversation of ours; a call without
        // any chat is refused by Telegram itself.
        _ => Speech::Neutral,
    }
}

/// The method and its parameters when the bot answers a webhook with a call.
pub(super) fn method_in_body(request: &BotRequest) -> Option<String> {
    Params::of(request).ok()?.text("method")
}

/// An answer to a tap without words only stops the spinner.
fn callback(params: &Params) -> Speech {
    let speaks = params.has("text") || params.has("url");
    match params.text("callback_query_id") {
        Some(tap) if speaks => Speech::Shows(Whom::Tap(tap)),
        _ => Speech::Neutral,
    }
}

/// The chat a call goes to: `None` for broadcast channels and groups by name.
fn address(method: &str, params: &Params) -> Result<Option<ContactAddress>, &'static str> {
    const TWICE: &str = "a parameter is given twice with different values";
    const NOWHERE: &str = "chat not found";
    let named = if method.contains("gift") && !params.has("chat_id") {
        "user_id"
    } else {
        "chat_id"
    };
    let Some(chat) = params.only(named).map_err(|_| TWICE)? else {
        return Ok(None);
    };
    let chat = super::params::plain(chat).ok_or(NOWHERE)?;
    let chat = chat.trim();
    if chat.starts_with('@') {
        return Ok(None);
    }
    let id: i64 = chat.parse().map_err(|_| NOWHERE)?;
    let business = params
        .text("business_connection_id")
        .map(|id| format!("{BUSINESS_THREAD}{id}"));
    let topic = params
        .only("message_thread_id")
        .map_err(|_| TWICE)?
        .and_then(super::params::plain)
        .filter(|t| !t.is_empty() && t != "0");
    Ok(Some(ContactAddress {
        key: id.to_string(),
        alias: None,
        thread: business.or(topic),
    }))
}

#[cfg(test)]
mod tests;
