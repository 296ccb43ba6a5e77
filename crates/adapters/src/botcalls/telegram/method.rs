//! What kind of thing a method does. A method we do not know yet and that names a private chat
//! counts as showing something there: better one call too many refused during human control than
//! one word too many.

/// What kind of thing a method does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Class {
    /// Sends a message.
    Sends,
    /// Shows the contact something else.
    Shows,
    /// Answers a tap.
    Answers,
    /// Nothing a contact sees.
    Neutral,
    /// About the webhook, which is ours.
    Hook(super::HookCall),
}

/// Methods that begin with `send` and make no message.
const SIGNS: [&str; 2] = ["sendchataction", "sendmessagedraft"];

/// Methods that make a message without being called so.
const COPIES: [&str; 6] = [
    "copymessage",
    "copymessages",
    "forwardmessage",
    "forwardmessages",
    "giftpremiumsubscription",
    "replacemessage",
];

/// Methods with a private chat in them that nobody there sees.
const UNSEEN: [&str; 4] = [
    "setchatmenubutton",
    "leavechat",
    "verifychat",
    "removechatverification",
];

/// The class of a method.
pub(super) fn class(method: &str) -> Class {
    use super::HookCall;
    let name = method.to_ascii_lowercase();
    let name = name.as_str();
    match name {
        "setwebhook" => Class::Hook(HookCall::Set),
        "deletewebhook" => Class::Hook(HookCall::Delete),
        "getwebhookinfo" => Class::Hook(HookCall::Info),
        "getupdates" => Class::Hook(HookCall::Poll),
        "logout" | "close" => Class::Hook(HookCall::Leave),
        "answercallbackquery" => Class::Answers,
        _ if SIGNS.contains(&name) => Class::Shows,
        _ if COPIES.contains(&name) || name.starts_with("send") => Class::Sends,
        _ if UNSEEN.contains(&name) => Class::Neutral,
        _ if name.starts_with("get") || name.starts_with("answer") => Class::Neutral,
        _ => Class::Shows,
    }
}
