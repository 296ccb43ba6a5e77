//! Who wrote, and where.

use super::Node;
use domain::contact::{ContactAddress, ContactProfile};

/// Marks the thread of an address that is reached through a business account: everything sent
/// there has to name the connection.
pub(in super::super) const BUSINESS_THREAD: &str = "business:";

/// The chat an update belongs to.
pub(super) struct Chat<'a> {
    id: String,
    kind: &'a str,
    node: Node<'a>,
}

impl<'a> Chat<'a> {
    /// The chat of a message or of another object with a field `chat`.
    pub(super) fn of(message: Node<'a>) -> Option<Self> {
        let node = message.get("chat");
        Some(Self {
            id: node.get("id").id()?,
            kind: node.get("type").text().unwrap_or_default(),
            node,
        })
    }

    /// The private chat with a person; its id is the person's.
    pub(super) fn private_with(person: Node<'a>) -> Option<Self> {
        Some(Self {
            id: person.get("id").id()?,
            kind: "private",
            node: person,
        })
    }

    /// Whether it is between the bot and one person. Ids of groups and channels are negative.
    pub(super) fn is_private(&self) -> bool {
        self.kind == "private" || (self.kind.is_empty() && !self.id.starts_with('-'))
    }

    /// Whether its updates are ours to take: private ones always, groups if the tenant says so.
    pub(super) fn is_taken(&self, groups: bool) -> bool {
        self.is_private() || (groups && self.kind != "channel")
    }

    /// Whether the owner of the connected business account wrote it, and not the contact.
    pub(super) fn is_from_owner(&self, message: Node<'_>) -> bool {
        message.get("business_connection_id").exists()
            && message
                .get("from")
                .get("id")
                .id()
                .is_some_and(|id| id != self.id)
    }

    /// Whether a group's administrator wrote in the group's own name; `from` is a stand-in then.
    pub(super) fn is_anonymous_admin(&self, message: Node<'_>) -> bool {
        message.get("sender_chat").get("id").id().as_deref() == Some(&self.id)
    }

    /// Where answers go.
    pub(super) fn address(&self, message: Node<'_>) -> ContactAddress {
        let business = message
            .get("business_connection_id")
            .text()
            .map(|id| format!("{BUSINESS_THREAD}{id}"));
        let topic = message
            .get("message_thread_id")
            .id()
            .filter(|_| message.get("is_topic_message").is_true());
        ContactAddress {
            key: self.id.clone(),
            alias: None,
            thread: business.or(topic),
        }
    }

    /// What the update tells about the contact. In a group that is the group, with the name of
    /// whoever spoke before it, so that an agent can tell the people apart.
    pub(super) fn profile(&self, message: Node<'_>) -> ContactProfile {
        let sender = ["from", "user"]
            .into_iter()
            .find_map(|key| message.get(key).some())
            .unwrap_or(Node(None));
        if !self.is_private() {
            let title = self.node.get("title").owned();
            let name = match (full_name(sender), title) {
                (Some(name), Some(title)) if !self.is_anonymous_admin(message) => {
                    Some(format!("{name} ({title})"))
                }
                (name, title) => title.or(name),
            };
            return ContactProfile {
                name,
                ..ContactProfile::default()
            };
        }
        // In a private chat the chat itself repeats the person's names.
        let person = if sender.get("id").id().as_deref() == Some(&self.id) {
            sender
        } else {
            self.node
        };
        ContactProfile {
            name: full_name(person),
            username: person.get("username").owned(),
            phone: own_phone(message),
            language: person.get("language_code").owned(),
            ..ContactProfile::default()
        }
    }
}

/// First and last name, as far as there are any.
pub(super) fn full_name(person: Node<'_>) -> Option<String> {
    let names: Vec<&str> = ["first_name", "last_name"]
        .into_iter()
        .filter_map(|key| person.get(key).text())
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// The number on a visiting card, if it is the writer's own card.
fn own_phone(message: Node<'_>) -> Option<String> {
    let card = message.get("contact");
    let owner = card.get("user_id").id()?;
    if message.get("from").get("id").id()? != owner {
        return None;
    }
    let digits: String = card
        .get("phone_number")
        .text()?
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    (!digits.is_empty()).then(|| format!("+{digits}"))
}
