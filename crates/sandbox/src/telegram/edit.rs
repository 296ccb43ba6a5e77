//! Changing and deleting what was sent.

use std::sync::Arc;

use serde_json::{Value, json};

use super::bot::BotAccount;
use super::errors::{Answer, BotApiError};
use super::methods::key;
use super::params::Params;
use super::{Telegram, markup, send, upload};
use crate::ledger::{Entry, Service};
use crate::phone::locked::lock;
use crate::phone::shown::{Author, Content};

fn target(params: &Params) -> Result<(String, i64), BotApiError> {
    let chat = params
        .text("chat_id")
        .ok_or_else(|| BotApiError::bad("chat_id is empty"))?;
    let id = params
        .integer("message_id")
        .ok_or_else(|| BotApiError::bad("message identifier is not specified"))?;
    Ok((chat, id))
}

/// `editMessageText`, `…Caption`, `…ReplyMarkup`, `…Media`.
pub(super) async fn edit(
    telegram: &Arc<Telegram>,
    bot: &BotAccount,
    params: &Params,
    name: &str,
) -> Answer {
    let (chat, id) = target(params)?;
    let slot = (chat.clone(), id);
    let old = lock(&bot.state)
        .messages
        .get(&slot)
        .cloned()
        .ok_or_else(|| BotApiError::bad("message to edit not found"))?;
    if old["from"]["is_bot"] != true {
        return Err(BotApiError::bad("message can't be edited"));
    }
    let mut new = old.clone();
    let mut change: Box<dyn FnOnce(&mut Content) + Send> = Box::new(|_| {});
    match name {
        "editmessagetext" => {
            if old["text"].is_null() {
                return Err(BotApiError::bad("there is no text in the message to edit"));
            }
            let words = send::words(params)?;
            new["text"] = words.text.clone().into();
            new["entities"] = words.entities.clone().into();
            change = Box::new(move |content| {
                content.text = Some(words.text);
                content.entities = words.entities;
            });
        }
        "editmessagecaption" => {
            let caption = send::caption(params)?;
            new["caption"] = json!(caption.as_ref().map(|it| &it.text));
            change = Box::new(move |content| {
                content.text = caption.map(|it| it.text);
            });
        }
        "editmessagemedia" => {
            let media = params.structure("media")?.unwrap_or_default();
            let field = media["type"].as_str().unwrap_or("document").to_owned();
            let file = upload::get(telegram, bot, params, &field, media["media"].as_str()).await?;
            new[field.as_str()] = file.object(&field);
            let shown = file.shown(&telegram.core.urls.telegram);
            change = Box::new(move |content| content.media = Some(shown));
        }
        _ => {}
    }
    let markup = params.structure("reply_markup")?;
    let buttons = markup::buttons(markup.as_ref())?;
    // An edit without a keyboard takes the old one away.
    new["reply_markup"] = markup
        .filter(|it| {
            it["inline_keyboard"]
                .as_array()
                .is_some_and(|rows| !rows.is_empty())
        })
        .unwrap_or_default();
    let clean = |message: &Value| {
        let mut message = message.clone();
        if let Some(object) = message.as_object_mut() {
            object.retain(|name, value| {
                name != "edit_date"
                    && !value.is_null()
                    && value.as_array().is_none_or(|it| !it.is_empty())
            });
        }
        message
    };
    if clean(&new) == clean(&old) {
        return Err(BotApiError::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
        ));
    }
    let mut new = clean(&new);
    new["edit_date"] = (telegram.now_ms() / 1000).into();
    lock(&bot.state).messages.insert(slot, new.clone());
    let only_markup = name == "editmessagereplymarkup";
    let shown = telegram
        .threads
        .edit(&key(bot, &chat), &id.to_string(), |shown| {
            change(&mut shown.content);
            shown.content.buttons = buttons;
            shown.edited |= !only_markup;
        });
    note(
        telegram,
        bot,
        "edited",
        &chat,
        id,
        shown.and_then(|it| it.content.text),
    );
    Ok(new.into())
}

/// `deleteMessage`.
pub(super) fn delete(telegram: &Telegram, bot: &BotAccount, params: &Params) -> Answer {
    let (chat, id) = target(params)?;
    lock(&bot.state)
        .messages
        .remove(&(chat.clone(), id))
        .ok_or_else(|| BotApiError::bad("message to delete not found"))?;
    telegram
        .threads
        .edit(&key(bot, &chat), &id.to_string(), |shown| {
            shown.deleted = true
        });
    note(telegram, bot, "deleted", &chat, id, None);
    Ok(json!(true).into())
}

/// `setMessageReaction`: the bot's own reaction.
pub(super) fn react(telegram: &Telegram, bot: &BotAccount, params: &Params) -> Answer {
    let (chat, id) = target(params)?;
    let reaction = params.structure("reaction")?.unwrap_or_default();
    let emoji = reaction[0]["emoji"].as_str().map(str::to_owned);
    telegram
        .threads
        .edit(&key(bot, &chat), &id.to_string(), |shown| match emoji {
            Some(emoji) => {
                shown.reactions.insert(Author::Business, emoji);
            }
            None => {
                shown.reactions.remove(&Author::Business);
            }
        })
        .ok_or_else(|| BotApiError::bad("message to react not found"))?;
    Ok(json!(true).into())
}

fn note(
    telegram: &Telegram,
    bot: &BotAccount,
    kind: &'static str,
    chat: &str,
    id: i64,
    text: Option<String>,
) {
    telegram.core.ledger.append(
        Service::Telegram,
        Entry {
            kind,
            account: bot.id.clone(),
            conversation: chat.to_owned(),
            id: id.to_string(),
            text,
            raw: json!({"channel": "telegram"}),
            ..Entry::default()
        },
    );
}
