//! Putting a message into a chat: texts and single files.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::bot::BotAccount;
use super::entities::{self, Formatted, utf16_len};
use super::errors::{Answer, BotApiError};
use super::methods::key;
use super::params::Params;
use super::{Telegram, markup, upload};
use crate::ledger::{Entry, Service};
use crate::phone::locked::lock;
use crate::phone::shown::{Author, Content, ContentKind};
use crate::phone::threads::{Key, Person, bubble};

/// The person in a private chat, or why the bot cannot write to them.
fn person(telegram: &Telegram, bot: &BotAccount, params: &Params) -> Result<Person, BotApiError> {
    let chat = params
        .text("chat_id")
        .filter(|chat| !chat.is_empty())
        .ok_or_else(|| BotApiError::bad("chat_id is empty"))?;
    telegram
        .threads
        .read(&key(bot, &chat), |thread| thread.person.clone())
        .ok_or_else(|| BotApiError::bad("chat not found"))
}

/// The chat that a call is about, when the bot may write there.
pub(super) fn chat_key(
    telegram: &Telegram,
    bot: &BotAccount,
    params: &Params,
) -> Result<Key, BotApiError> {
    let person = person(telegram, bot, params)?;
    if !person.started {
        return Err(BotApiError::forbidden(
            "bot can't initiate conversation with a user",
        ));
    }
    if person.blocked {
        return Err(BotApiError::forbidden("bot was blocked by the user"));
    }
    Ok(key(bot, &person.id))
}

/// A person as the `chat` of a message.
pub(super) fn chat_object(person: &Person) -> Value {
    let (first, last) = split_name(&person.name);
    let mut chat = json!({
        "id": person.id.parse::<i64>().unwrap_or_default(), "type": "private", "first_name": first,
    });
    if let Some(last) = last {
        chat["last_name"] = last.into();
    }
    if let Some(username) = &person.username {
        chat["username"] = username.as_str().into();
    }
    chat
}

/// First and last name.
pub(super) fn split_name(name: &str) -> (&str, Option<&str>) {
    match name.split_once(' ') {
        Some((first, last)) => (first, Some(last)),
        None => (name, None),
    }
}

/// `getChat`.
pub(super) fn chat(
    telegram: &Telegram,
    bot: &BotAccount,
    params: &Params,
) -> Result<Value, BotApiError> {
    person(telegram, bot, params).map(|person| chat_object(&person))
}

/// What is common to all sends: the chat, the quoted message and the keyboard.
pub(super) struct Frame {
    key: Key,
    chat: Value,
    reply_to: Option<i64>,
    markup: Option<Value>,
    /// What the phone will show.
    pub(super) content: Content,
}

pub(super) fn frame(
    telegram: &Telegram,
    bot: &BotAccount,
    params: &Params,
) -> Result<Frame, BotApiError> {
    let key = chat_key(telegram, bot, params)?;
    let chat = chat_object(&person(telegram, bot, params)?);
    slow_down(telegram, bot, &key.contact)?;
    let markup = params.structure("reply_markup")?;
    let content = Content {
        buttons: markup::buttons(markup.as_ref())?,
        ..Content::default()
    };
    Ok(Frame {
        reply_to: quoted(bot, params, &key.contact)?,
        key,
        chat,
        markup,
        content,
    })
}

/// One message per second and chat, when the bot enforces it.
fn slow_down(telegram: &Telegram, bot: &BotAccount, chat: &str) -> Result<(), BotApiError> {
    let now = telegram.now_ms();
    let mut state = lock(&bot.state);
    if !state.rate_limited {
        return Ok(());
    }
    match state.last_send.get(chat) {
        Some(last) if now - last < 1000 => Err(BotApiError::slow_down(1)),
        _ => {
            state.last_send.insert(chat.to_owned(), now);
            Ok(())
        }
    }
}

/// The message being replied to, which must exist unless the call says otherwise.
fn quoted(bot: &BotAccount, params: &Params, chat: &str) -> Result<Option<i64>, BotApiError> {
    let parameters = params.structure("reply_parameters")?.unwrap_or_default();
    let Some(id) = parameters["message_id"]
        .as_i64()
        .or_else(|| params.integer("reply_to_message_id"))
    else {
        return Ok(None);
    };
    if lock(&bot.state)
        .messages
        .contains_key(&(chat.to_owned(), id))
    {
        return Ok(Some(id));
    }
    if parameters["allow_sending_without_reply"] == true
        || params.flag("allow_sending_without_reply")
    {
        return Ok(None);
    }
    Err(BotApiError::bad("message to be replied not found"))
}

/// Puts a message into the chat and onto the phone; answers the message object.
pub(super) fn publish(
    telegram: &Telegram,
    bot: &BotAccount,
    frame: Frame,
    fields: Map<String, Value>,
) -> Value {
    let at_ms = telegram.now_ms();
    let chat = frame.key.contact.clone();
    let mut message = json!({
        "from": bot.user(), "chat": frame.chat, "date": at_ms / 1000,
    });
    if let Some(object) = message.as_object_mut() {
        object.extend(fields);
    }
    if let Some(markup) = frame
        .markup
        .filter(|it| it.get("inline_keyboard").is_some())
    {
        message["reply_markup"] = markup;
    }
    let id = {
        let mut state = lock(&bot.state);
        if let Some(reply_to) = frame.reply_to
            && let Some(quoted) = state.messages.get(&(chat.clone(), reply_to))
        {
            let mut quoted = quoted.clone();
            if let Some(object) = quoted.as_object_mut() {
                object.remove("reply_to_message");
            }
            message["reply_to_message"] = quoted;
        }
        let last = state.last_message.entry(chat.clone()).or_default();
        *last += 1;
        let id = *last;
        message["message_id"] = id.into();
        state.messages.insert((chat.clone(), id), message.clone());
        id
    };
    let mut shown = bubble(id.to_string(), Author::Business, at_ms, frame.content);
    shown.reply_to = frame.reply_to.map(|id| id.to_string());
    shown.app_id = Some(bot.id.clone());
    let entry = Entry {
        kind: "delivered",
        account: bot.id.clone(),
        conversation: chat,
        id: id.to_string(),
        remote_id: None,
        text: Some(shown.content.summary()),
        raw: json!({"channel": "telegram", "content": shown.content, "reply_to": shown.reply_to}),
    };
    telegram.threads.show(&frame.key, shown);
    telegram.core.ledger.append(Service::Telegram, entry);
    message
}

/// The text of a call with its entities, within Telegram's limits.
pub(super) fn words(params: &Params) -> Result<Formatted, BotApiError> {
    let text = params.text("text").unwrap_or_default();
    if text.len() > 32_768 {
        return Err(BotApiError::bad("text is too long"));
    }
    let mode = params.text("parse_mode");
    let formatted = entities::format(&text, mode.as_deref(), params.structure("entities")?)?;
    if formatted.text.trim().is_empty() {
        return Err(BotApiError::bad("message text is empty"));
    }
    if utf16_len(&formatted.text) > 4096 {
        return Err(BotApiError::bad("message is too long"));
    }
    Ok(formatted)
}

/// The caption of a call; empty is none.
pub(super) fn caption(params: &Params) -> Result<Option<Formatted>, BotApiError> {
    let Some(text) = params.text("caption").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let mode = params.text("parse_mode");
    let formatted = entities::format(
        &text,
        mode.as_deref(),
        params.structure("caption_entities")?,
    )?;
    if utf16_len(&formatted.text) > 1024 {
        return Err(BotApiError::bad("message caption is too long"));
    }
    Ok(Some(formatted))
}

/// `sendMessage`.
pub(super) fn text(telegram: &Telegram, bot: &BotAccount, params: &Params) -> Answer {
    let words = words(params)?;
    let mut frame = frame(telegram, bot, params)?;
    let mut fields = Map::new();
    fields.insert("text".to_owned(), words.text.clone().into());
    if !words.entities.is_empty() {
        fields.insert("entities".to_owned(), words.entities.clone().into());
    }
    frame.content.text = Some(words.text);
    frame.content.entities = words.entities;
    Ok(publish(telegram, bot, frame, fields).into())
}

fn shown_kind(field: &str) -> ContentKind {
    match field {
        "photo" => ContentKind::Image,
        "video" => ContentKind::Video,
        "audio" => ContentKind::Audio,
        "voice" => ContentKind::Voice,
        "animation" => ContentKind::Animation,
        "video_note" => ContentKind::VideoNote,
        "sticker" => ContentKind::Sticker,
        _ => ContentKind::Document,
    }
}

/// `sendPhoto`, `sendDocument` and the other calls with one file.
pub(super) async fn file(
    telegram: &Arc<Telegram>,
    bot: &BotAccount,
    params: &Params,
    field: &str,
) -> Answer {
    let caption = caption(params)?;
    // The chat is checked before the file is fetched, and again when it is there.
    chat_key(telegram, bot, params)?;
    let value = params.text(field);
    let file = upload::get(telegram, bot, params, field, value.as_deref()).await?;
    let frame = frame(telegram, bot, params)?;
    Ok(with_file(telegram, bot, frame, field, &file, caption, None).into())
}

pub(super) fn with_file(
    telegram: &Telegram,
    bot: &BotAccount,
    mut frame: Frame,
    field: &str,
    file: &super::files::BotFile,
    caption: Option<Formatted>,
    album: Option<&str>,
) -> Value {
    let mut fields = Map::new();
    fields.insert(field.to_owned(), file.object(field));
    if field == "animation" {
        fields.insert("document".to_owned(), file.object("document"));
    }
    if let Some(album) = album {
        fields.insert("media_group_id".to_owned(), album.into());
    }
    frame.content.kind = shown_kind(field);
    frame.content.media = Some(file.shown(&telegram.core.urls.telegram));
    if let Some(caption) = caption {
        fields.insert("caption".to_owned(), caption.text.clone().into());
        if !caption.entities.is_empty() {
            fields.insert(
                "caption_entities".to_owned(),
                caption.entities.clone().into(),
            );
        }
        frame.content.text = Some(caption.text);
        frame.content.entities = caption.entities;
    }
    publish(telegram, bot, frame, fields)
}
