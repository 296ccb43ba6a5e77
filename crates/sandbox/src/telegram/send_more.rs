//! Albums, places, contact cards, dice, and messages sent once more.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::bot::BotAccount;
use super::errors::{Answer, BotApiError};
use super::methods::key;
use super::params::Params;
use super::send::{caption, chat_key, frame, publish, with_file};
use super::{Telegram, upload};
use crate::phone::ids;
use crate::phone::locked::lock;
use crate::phone::shown::{Card, Content, ContentKind, Place};

/// `sendMediaGroup`: 2 to 10 files, documents and audio only among themselves.
pub(super) async fn album(telegram: &Arc<Telegram>, bot: &BotAccount, params: &Params) -> Answer {
    chat_key(telegram, bot, params)?;
    let media = params.structure("media")?.unwrap_or_default();
    let items = media.as_array().cloned().unwrap_or_default();
    if !(2..=10).contains(&items.len()) {
        return Err(BotApiError::bad("number of media must be between 2 and 10"));
    }
    let kinds: Vec<&str> = items
        .iter()
        .filter_map(|item| item["type"].as_str())
        .collect();
    let alone = |kind: &&str| matches!(*kind, "document" | "audio");
    if kinds.len() != items.len()
        || (kinds.iter().any(alone) && kinds.windows(2).any(|pair| pair.first() != pair.get(1)))
    {
        return Err(BotApiError::bad(
            "type of media can't be mixed with other media types in the album",
        ));
    }
    let mut ready = Vec::new();
    for item in &items {
        let field = match item["type"].as_str() {
            Some("photo") => "photo",
            Some("video") => "video",
            Some("audio") => "audio",
            Some("document") => "document",
            _ => return Err(BotApiError::bad("unknown media type")),
        };
        let caption = caption(&Params::from_object(
            item.as_object().cloned().unwrap_or_default(),
        ))?;
        let file = upload::get(telegram, bot, params, field, item["media"].as_str()).await?;
        ready.push((field, file, caption));
    }
    let group = ids::next().to_string();
    let mut messages = Vec::new();
    for (field, file, caption) in ready {
        let frame = frame(telegram, bot, params)?;
        messages.push(with_file(
            telegram,
            bot,
            frame,
            field,
            &file,
            caption,
            Some(&group),
        ));
    }
    Ok(Value::Array(messages).into())
}

/// `sendLocation`, `sendVenue`, `sendContact`, `sendDice`.
pub(super) fn other(telegram: &Telegram, bot: &BotAccount, params: &Params, name: &str) -> Answer {
    let mut frame = frame(telegram, bot, params)?;
    let need = |name: &str| {
        params
            .text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| BotApiError::bad(format!("parameter \"{name}\" is required")))
    };
    let mut fields = Map::new();
    match name {
        "sendlocation" | "sendvenue" => {
            let degrees = |name: &str| {
                params
                    .float(name)
                    .ok_or_else(|| BotApiError::bad(format!("{name} is empty")))
            };
            let (latitude, longitude) = (degrees("latitude")?, degrees("longitude")?);
            if latitude.abs() > 90.0 {
                return Err(BotApiError::bad("wrong latitude specified"));
            }
            let point = json!({"latitude": latitude, "longitude": longitude});
            fields.insert("location".to_owned(), point.clone());
            let mut place = Place {
                latitude,
                longitude,
                name: None,
                address: None,
            };
            if name == "sendvenue" {
                let (title, address) = (need("title")?, need("address")?);
                fields.insert(
                    "venue".to_owned(),
                    json!({"location": point, "title": title, "address": address}),
                );
                place.name = Some(title);
                place.address = Some(address);
            }
            frame.content.kind = ContentKind::Location;
            frame.content.place = Some(place);
        }
        "sendcontact" => {
            let (phone, first) = (need("phone_number")?, need("first_name")?);
            fields.insert(
                "contact".to_owned(),
                json!({"phone_number": phone, "first_name": first}),
            );
            frame.content.kind = ContentKind::Contact;
            frame.content.cards = vec![Card { name: first, phone }];
        }
        _ => {
            let emoji = params.text("emoji").unwrap_or_else(|| "🎲".to_owned());
            let value = ids::next() % 6 + 1;
            fields.insert("dice".to_owned(), json!({"emoji": emoji, "value": value}));
            frame.content.kind = ContentKind::Dice;
            frame.content.text = Some(format!("{emoji} {value}"));
        }
    }
    Ok(publish(telegram, bot, frame, fields).into())
}

/// `forwardMessage` (answers the message) and `copyMessage` (answers its id).
pub(super) fn again(
    telegram: &Telegram,
    bot: &BotAccount,
    params: &Params,
    forward: bool,
) -> Answer {
    let from = params.text("from_chat_id").unwrap_or_default();
    let id = params.integer("message_id").unwrap_or_default();
    let missing = || {
        BotApiError::bad(if forward {
            "message to forward not found"
        } else {
            "message to copy not found"
        })
    };
    let original = lock(&bot.state)
        .messages
        .get(&(from.clone(), id))
        .cloned()
        .ok_or_else(missing)?;
    let content = telegram
        .threads
        .read(&key(bot, &from), |thread| {
            thread
                .find(&id.to_string())
                .map(|shown| shown.content.clone())
        })
        .flatten()
        .ok_or_else(missing)?;
    let mut frame = frame(telegram, bot, params)?;
    frame.content = Content {
        buttons: frame.content.buttons,
        ..content
    };
    let mut fields = original.as_object().cloned().unwrap_or_default();
    for own in [
        "message_id",
        "from",
        "chat",
        "date",
        "reply_markup",
        "reply_to_message",
    ] {
        fields.remove(own);
    }
    if forward {
        fields.insert(
            "forward_origin".to_owned(),
            json!({"type": "user", "sender_user": original["from"], "date": original["date"]}),
        );
    }
    let message = publish(telegram, bot, frame, fields);
    Ok(if forward {
        message.into()
    } else {
        json!({"message_id": message["message_id"]}).into()
    })
}
