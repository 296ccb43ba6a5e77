//! The user's side of a chat with a bot: what people do becomes updates.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Telegram;
use super::bot::BotAccount;
use super::files::BotFile;
use super::methods::key;
use super::send::{chat_object, split_name};
use super::upload::folder;
use crate::phone::ids;
use crate::phone::locked::lock;
use crate::phone::threads::Person;

fn user(person: &Person) -> Value {
    let (first, last) = split_name(&person.name);
    let mut user = json!({
        "id": person.id.parse::<i64>().unwrap_or_default(), "is_bot": false,
        "first_name": first, "language_code": person.language,
    });
    if let Some(last) = last {
        user["last_name"] = last.into();
    }
    if let Some(username) = &person.username {
        user["username"] = username.as_str().into();
    }
    user
}

impl Telegram {
    /// Makes a message of the user: reserves its id and remembers it, but does not send the update
    /// yet, so that the phone can show it first. Answers the id and the message.
    pub(crate) fn user_message(
        &self,
        bot: &BotAccount,
        person: &Person,
        fields: Map<String, Value>,
        reply_to: Option<i64>,
    ) -> (i64, Value) {
        let mut message = json!({
            "from": user(person), "chat": chat_object(person), "date": self.now_ms() / 1000,
        });
        let mut state = lock(&bot.state);
        if let Some(quoted) = reply_to.and_then(|id| state.messages.get(&(person.id.clone(), id))) {
            let mut quoted = quoted.clone();
            if let Some(object) = quoted.as_object_mut() {
                object.remove("reply_to_message");
            }
            message["reply_to_message"] = quoted;
        }
        if let Some(object) = message.as_object_mut() {
            object.extend(fields);
        }
        let last = state.last_message.entry(person.id.clone()).or_default();
        *last += 1;
        let id = *last;
        message["message_id"] = id.into();
        state
            .messages
            .insert((person.id.clone(), id), message.clone());
        (id, message)
    }

    /// Keeps a file that the user sends.
    pub(crate) fn user_file(
        &self,
        bot: &BotAccount,
        field: &str,
        bytes: bytes::Bytes,
        mime: &str,
        name: String,
    ) -> BotFile {
        self.keep(bot, BotFile::new(folder(field), bytes, mime, Some(name)))
    }

    /// The user edits a text of theirs.
    pub(crate) fn user_edit(
        self: &Arc<Self>,
        bot: &Arc<BotAccount>,
        person: &Person,
        id: i64,
        text: &str,
    ) -> Option<i64> {
        let message = {
            let mut state = lock(&bot.state);
            let message = state.messages.get_mut(&(person.id.clone(), id))?;
            let field = if message["text"].is_null() {
                "caption"
            } else {
                "text"
            };
            message[field] = text.into();
            message["edit_date"] = (self.now_ms() / 1000).into();
            message.clone()
        };
        self.enqueue(bot, &person.id, "edited_message", message)
    }

    /// The user taps an inline button. A message that is gone is given as inaccessible.
    pub(crate) fn user_tap(
        self: &Arc<Self>,
        bot: &Arc<BotAccount>,
        person: &Person,
        message_id: i64,
        data: &str,
    ) -> String {
        let id = ids::numeric("43", 18);
        let message = {
            let mut state = lock(&bot.state);
            state.callbacks.insert(id.clone(), self.now_ms());
            state
                .messages
                .get(&(person.id.clone(), message_id))
                .cloned()
                .unwrap_or_else(
                    || json!({"message_id": message_id, "chat": chat_object(person), "date": 0}),
                )
        };
        self.enqueue(
            bot,
            &person.id,
            "callback_query",
            json!({
                "id": id, "from": user(person), "message": message,
                "chat_instance": format!("-{}", person.id), "data": data,
            }),
        );
        id
    }

    /// The user reacts to a message, or takes the reaction back with an empty emoji.
    pub(crate) fn user_react(
        self: &Arc<Self>,
        bot: &Arc<BotAccount>,
        person: &Person,
        message_id: i64,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Option<i64> {
        let list = |emoji: Option<&str>| {
            emoji.map_or_else(|| json!([]), |it| json!([{"type": "emoji", "emoji": it}]))
        };
        self.enqueue(
            bot,
            &person.id,
            "message_reaction",
            json!({
                "chat": chat_object(person), "message_id": message_id, "user": user(person),
                "date": self.now_ms() / 1000, "old_reaction": list(old), "new_reaction": list(new),
            }),
        )
    }

    /// The user blocks the bot or lets it back in.
    pub(crate) fn user_block(
        self: &Arc<Self>,
        bot: &Arc<BotAccount>,
        person: &Person,
        blocked: bool,
    ) {
        self.threads
            .change_person(&key(bot, &person.id), |person| person.blocked = blocked);
        let (old, new) = if blocked {
            ("member", "kicked")
        } else {
            ("kicked", "member")
        };
        let member = |status: &str| json!({"user": bot.user(), "status": status});
        self.enqueue(
            bot,
            &person.id,
            "my_chat_member",
            json!({
                "chat": chat_object(person), "from": user(person), "date": self.now_ms() / 1000,
                "old_chat_member": member(old), "new_chat_member": member(new),
            }),
        );
    }
}
