//! An update becomes events. Never fails: what it cannot read is named in
//! [`Decoded::undecodable`].

mod content;
mod media;
mod person;
mod service;

use super::node::Node;
use domain::channel::{ChannelCredentials, ChannelSettings};
use domain::contact::{ContactAddress, ContactProfile};
use domain::message::{Content, Referral};
use domain::ports::{ChannelEvent, Decoded, EchoOrigin, Inbound};
use domain::time::Timestamp;
pub(super) use person::BUSINESS_THREAD;
use person::Chat;

/// The code of news that are no conversation; nothing is wrong with the account.
const OTHER_UPDATE: &str = domain::ports::QUIET_NEWS;

/// The kinds of update that concern a conversation. Looked for by name, so that a field that
/// Telegram adds beside them one day does not hide them.
const KINDS: [&str; 8] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
];

/// Reads one update. What is no conversation with a contact (inline queries, payments being
/// checked, broadcast channels, groups without the tenant's consent) becomes news about the
/// account: nothing is stored of it as a message, but the bot goes on getting it.
pub(super) fn decode(
    credentials: &ChannelCredentials,
    settings: &ChannelSettings,
    body: &[u8],
) -> Decoded {
    let Ok(update) = crate::json::parse(body) else {
        return undecodable("not JSON");
    };
    let root = Node(Some(&update));
    let Some(id) = root.get("update_id").id() else {
        return undecodable("update_id missing");
    };
    let reader = Reader {
        account: bot_id(credentials),
        groups: settings.groups,
        id,
    };
    let kind = KINDS
        .into_iter()
        .find(|kind| root.get(kind).exists())
        .or_else(|| root.keys().find(|key| *key != "update_id"));
    let node = root.get(kind.unwrap_or_default());
    let events = match kind {
        Some("message") => reader.message(node, "/message"),
        Some("edited_message") => reader.edited(node, "/edited_message"),
        Some("business_message") => reader.message(node, "/business_message"),
        Some("edited_business_message") => reader.edited(node, "/edited_business_message"),
        Some("deleted_business_messages") => reader.deleted(node),
        Some("callback_query") => reader.tap(node),
        Some("message_reaction") => reader.reaction(node),
        Some("my_chat_member") => reader.membership(node),
        Some(_) => Some(Vec::new()),
        None => return undecodable("empty update"),
    };
    match events {
        Some(events) if events.is_empty() => Decoded {
            events: vec![reader.other(kind.unwrap_or_default())],
            undecodable: Vec::new(),
        },
        Some(events) => Decoded {
            events,
            undecodable: Vec::new(),
        },
        None => undecodable(kind.unwrap_or_default()),
    }
}

/// The number before the colon of the token. An update does not say which bot it is for.
pub(super) fn bot_id(credentials: &ChannelCredentials) -> String {
    match credentials {
        ChannelCredentials::Telegram { token, .. } => token
            .expose()
            .split_once(':')
            .map_or_else(String::new, |(id, _)| id.to_owned()),
        _ => String::new(),
    }
}

fn undecodable(what: &str) -> Decoded {
    Decoded {
        events: Vec::new(),
        undecodable: vec![what.chars().take(64).collect()],
    }
}

/// What is the same for all events of one update. Methods answer `None` where what identifies
/// the chat or the message is missing.
struct Reader {
    account: String,
    groups: bool,
    id: String,
}

impl Reader {
    fn event(
        &self,
        contact: ContactAddress,
        profile: ContactProfile,
        at: Timestamp,
        pointer: &str,
        event: ChannelEvent,
    ) -> Inbound {
        Inbound {
            account: self.account.clone(),
            contact: Some(contact),
            profile,
            dedupe_key: format!("u:{}", self.id),
            at,
            pointer: pointer.to_owned(),
            event,
        }
    }

    /// An update that concerns no conversation of ours, for the bot alone.
    fn other(&self, kind: &str) -> Inbound {
        let detail: String = kind.chars().take(64).collect();
        Inbound {
            account: self.account.clone(),
            contact: None,
            profile: ContactProfile::default(),
            dedupe_key: format!("u:{}", self.id),
            at: Timestamp::default(),
            pointer: format!("/{detail}"),
            event: ChannelEvent::Account {
                code: OTHER_UPDATE.to_owned(),
                detail,
            },
        }
    }

    fn message(&self, node: Node<'_>, pointer: &str) -> Option<Vec<Inbound>> {
        let chat = Chat::of(node)?;
        let external_id = node.get("message_id").id()?;
        if !chat.is_taken(self.groups) {
            return Some(Vec::new());
        }
        let at = node.get("date").time().unwrap_or_default();
        let (address, profile) = (chat.address(node), chat.profile(node));
        if let Some(to) = node.get("migrate_to_chat_id").id() {
            let to = ContactAddress::of(to);
            let moved = ChannelEvent::Moved { to };
            return Some(vec![self.event(address, profile, at, pointer, moved)]);
        }
        let content = match content::of(node) {
            Some(content) => content,
            None if chat.is_private() => service::of(node),
            None if service::is_service(node) => return Some(Vec::new()),
            None => content::unsupported(node),
        };
        if chat.is_from_owner(node) {
            // The owner of a business account answered in the app.
            let echo = ChannelEvent::Echo {
                external_id,
                identity: None,
                origin: EchoOrigin::Foreign,
                content,
            };
            let profile = ContactProfile::default();
            return Some(vec![self.event(address, profile, at, pointer, echo)]);
        }
        let from_bot = node.get("from").get("is_bot").is_true();
        if from_bot && !chat.is_private() && !chat.is_anonymous_admin(node) {
            // Other bots of the group; answering them would never end.
            return Some(Vec::new());
        }
        let mut events = Vec::new();
        if let Some(parameter) = start_parameter(&content) {
            let referral = Content::Referral(Referral {
                parameter: Some(parameter.to_owned()),
                ..Referral::default()
            });
            let mut event = self.event(
                address.clone(),
                profile.clone(),
                at,
                pointer,
                said(None, referral),
            );
            event.dedupe_key.push_str(":start");
            events.push(event);
        }
        let mut event = said(Some(external_id), content);
        if let ChannelEvent::Message { reply_to, .. } = &mut event {
            *reply_to = quoted(node);
        }
        events.push(self.event(address, profile, at, pointer, event));
        Some(events)
    }

    fn edited(&self, node: Node<'_>, pointer: &str) -> Option<Vec<Inbound>> {
        let chat = Chat::of(node)?;
        let target = node.get("message_id").id()?;
        if !chat.is_taken(self.groups) || chat.is_from_owner(node) {
            return Some(Vec::new());
        }
        let at = node.get("edit_date").time().or(node.get("date").time());
        let text = content::edited_words(node);
        Some(vec![self.event(
            chat.address(node),
            chat.profile(node),
            at.unwrap_or_default(),
            pointer,
            said(None, Content::Edit { target, text }),
        )])
    }

    fn deleted(&self, node: Node<'_>) -> Option<Vec<Inbound>> {
        let chat = Chat::of(node)?;
        let mut events = Vec::new();
        for (index, target) in node.get("message_ids").list().enumerate() {
            let target = target.id()?;
            let mut event = self.event(
                chat.address(node),
                chat.profile(node),
                Timestamp::default(),
                "/deleted_business_messages",
                said(None, Content::Delete { target }),
            );
            event.dedupe_key = format!("u:{}:{index}", self.id);
            events.push(event);
        }
        Some(events)
    }

    /// A tap carries no time of its own, and its message may be weeks old: `at` stays zero.
    fn tap(&self, node: Node<'_>) -> Option<Vec<Inbound>> {
        let tap = node.get("id").id().or(node.get("id").owned())?;
        let message = node.get("message");
        // Buttons of inline mode come without a message; the chat is the person's own then.
        let chat = match Chat::of(message) {
            Some(chat) => chat,
            None => Chat::private_with(node.get("from"))?,
        };
        if !chat.is_taken(self.groups) {
            return Some(Vec::new());
        }
        let content = match node.get("data").text() {
            Some(data) => Content::Choice {
                label: content::label_of(message, data).unwrap_or(data).to_owned(),
                payload: Some(data.to_owned()),
                offered_in: message.get("message_id").id(),
            },
            None => Content::Unsupported {
                what: "game".to_owned(),
            },
        };
        let event = ChannelEvent::Message {
            external_id: None,
            content,
            reply_to: None,
            tap: Some(tap),
            standby: false,
        };
        Some(vec![self.event(
            chat.address(message),
            chat.profile(node),
            Timestamp::default(),
            "/callback_query",
            event,
        )])
    }

    fn reaction(&self, node: Node<'_>) -> Option<Vec<Inbound>> {
        let chat = Chat::of(node)?;
        let target = node.get("message_id").id()?;
        if !chat.is_taken(self.groups) {
            return Some(Vec::new());
        }
        let emoji = content::new_reaction(node);
        Some(vec![self.event(
            chat.address(node),
            chat.profile(node),
            node.get("date").time().unwrap_or_default(),
            "/message_reaction",
            said(None, Content::Reaction { target, emoji }),
        )])
    }

    /// Blocked, unblocked, removed from a group.
    fn membership(&self, node: Node<'_>) -> Option<Vec<Inbound>> {
        let chat = Chat::of(node)?;
        let status = node.get("new_chat_member").get("status").text()?;
        if !chat.is_taken(self.groups) {
            return Some(Vec::new());
        }
        let event = match status {
            "kicked" | "left" => ChannelEvent::ContactLeft,
            _ => ChannelEvent::ContactReturned,
        };
        Some(vec![self.event(
            chat.address(node),
            chat.profile(node),
            node.get("date").time().unwrap_or_default(),
            "/my_chat_member",
            event,
        )])
    }
}

fn said(external_id: Option<String>, content: Content) -> ChannelEvent {
    ChannelEvent::Message {
        external_id,
        content,
        reply_to: None,
        tap: None,
        standby: false,
    }
}

/// The parameter of a deep link: `/start <payload>`.
fn start_parameter(content: &Content) -> Option<&str> {
    let Content::Text { text } = content else {
        return None;
    };
    let (command, parameter) = text.split_once(' ')?;
    let is_start = command == "/start" || command.starts_with("/start@");
    let parameter = parameter.trim();
    (is_start && !parameter.is_empty()).then_some(parameter)
}

/// The message quoted. In a forum every message "replies" to the one that opened the topic;
/// that is no quote.
fn quoted(node: Node<'_>) -> Option<String> {
    let target = node.get("reply_to_message").get("message_id").id()?;
    let topic = node.get("message_thread_id").id();
    (topic.as_deref() != Some(&target)).then_some(target)
}
